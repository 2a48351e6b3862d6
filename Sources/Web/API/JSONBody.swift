import Foundation
import HTTPTypes
import Hummingbird

/// The body of a request as a JSON object (RFC 8259).
struct JSONBody {
    private let members: [String: Any]
    private let data: Data

    /// - Parameters:
    ///   - request: The request.
    ///   - limit: Bytes.
    ///   - types: Media types that are read.
    /// - Throws: `WebError.unsupportedType` for another media type, `.tooLarge`, `.malformedRequest`.
    init(_ request: Request, upTo limit: Int, types: Set<String> = ["application/json"]) async throws {
        let type = try HeaderParameters(parsing: request.headers[.contentType] ?? "").value
        guard types.contains(type) else { throw WebError(.unsupportedType, "errors.api.type") }
        let tooLarge = WebError(.tooLarge, "errors.api.bodyTooLarge", ["bytes": limit])
        let bytes = try await BodyReader(maximumBytes: limit, tooLarge: tooLarge).bytes(request)
        do {
            data = Data(bytes.readableBytesView)
            let object = try JSONSerialization.jsonObject(with: data)
            guard let members = object as? [String: Any] else {
                throw WebError(.malformedRequest, "errors.api.noObject")
            }
            self.members = members
        } catch let error as WebError {
            throw error
        } catch {
            throw WebError(.malformedRequest, "errors.api.noJSON")
        }
    }

    /// The whole object.
    ///
    /// - Throws: `WebError.malformedRequest` naming a member that is something else.
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
            let path =
                switch error {
                case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                    context.codingPath
                case .keyNotFound(let key, let context): context.codingPath + [key]
                @unknown default: [any CodingKey]()
                }
            throw WebError(
                .malformedRequest, "errors.api.value", ["name": path.map(\.stringValue).joined(separator: ".")])
        }
    }

    /// A member that must be there and be text.
    ///
    /// - Throws: `WebError.malformedRequest`.
    func text(_ name: String) throws -> String {
        guard let text = members[name] as? String else {
            throw WebError(.malformedRequest, "errors.api.member", ["name": name])
        }
        return text
    }

    /// A member that must be there and be a list of texts.
    ///
    /// - Throws: `WebError.malformedRequest`.
    func texts(_ name: String) throws -> [String] {
        guard let texts = members[name] as? [String] else {
            throw WebError(.malformedRequest, "errors.api.list", ["name": name])
        }
        return texts
    }

    /// A member that is text where it is there.
    ///
    /// - Throws: `WebError.malformedRequest`.
    func optionalText(_ name: String) throws -> String? {
        members[name] == nil ? nil : try text(name)
    }
}
