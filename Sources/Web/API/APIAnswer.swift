import Formats
import Foundation
import HTTPTypes
import Hummingbird

/// Makes the API's answers.
enum APIAnswer {
    /// An object as JSON.
    ///
    /// - Throws: An encoding error, which would be a mistake of the object's type.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, location: String? = nil
    ) throws -> Response {
        let encoder = JSONFormat.line.encoder
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(moment(date))
        }
        var response = json(try encoder.encode(value), cacheControl: "no-store")
        response.status = status
        if let location { response.headers[.location] = location }
        return response
    }

    /// JSON that is written already.
    static func json(_ body: Data, cacheControl: String, contentType: String = "application/json") -> Response {
        file(Array(body), contentType: contentType, cacheControl: cacheControl)
    }

    /// A file, shown or saved under a name of ours.
    static func file(
        _ bytes: [UInt8], contentType: String, cacheControl: String = "no-store", name: String? = nil
    ) -> Response {
        var headers: HTTPFields = [.contentType: contentType, .cacheControl: cacheControl]
        if let name { headers[.contentDisposition] = "attachment; filename=\"\(name)\"" }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// RFC 3339 in UTC, to the millisecond.
    static func moment(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
