import Clinic
import Foundation
import FoundationXML

/// A short answer of an S3 store in XML: the texts of its elements, by their paths below the outermost.
public struct S3Document: Sendable {
    /// The outermost element, such as `ListBucketResult`.
    public let root: String
    private let texts: [String: [String]]

    /// - Throws: `ClinicError.storage` for what is no XML, is cut off, or brings declarations of its own.
    public init(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty, Data(bytes).range(of: Data("<!DOCTYPE".utf8)) == nil else { throw Self.unreadable }
        let parser = XMLParser(data: Data(bytes))
        let reader = ElementReader()
        parser.delegate = reader
        // XMLParser takes a text that ends before its outermost element does.
        guard parser.parse(), reader.isWhole, let root = reader.root else { throw Self.unreadable }
        (self.root, texts) = (root, reader.texts)
    }

    /// The texts of all elements at a path, such as `Contents/Key`, in their order.
    public func all(_ path: String) -> [String] { texts[path] ?? [] }

    /// The text of the first element at a path; nil where there is none.
    public func first(_ path: String) -> String? { texts[path]?.first }

    static var unreadable: ClinicError {
        ClinicError(
            .storage, fault: "What answers at the archive's endpoint is no S3 store, or its answer was cut off.")
    }
}

/// A page of the names in a bucket.
public struct S3Listing: Sendable, Equatable {
    /// Whole names, in their order.
    public let names: [String]
    /// What asks for the next page; nil on the last.
    public let next: String?

    /// - Throws: `ClinicError.storage` for an answer that is no list, or does not say whether it is whole.
    public init(_ bytes: [UInt8]) throws {
        let document = try S3Document(bytes)
        guard document.root == "ListBucketResult" else { throw S3Document.unreadable }
        names = document.all("Contents/Key")
        switch document.first("IsTruncated") {
        case "false": next = nil
        case "true":
            // A list whose rest cannot be asked for would say of files that they are gone.
            guard let token = document.first("NextContinuationToken"), !token.isEmpty else {
                throw S3Document.unreadable
            }
            next = token
        default: throw S3Document.unreadable
        }
    }
}

private final class ElementReader: NSObject, XMLParserDelegate {
    private static let maximumDepth = 16
    private var path: [String] = []
    private var text = ""
    private(set) var root: String?
    /// Whether the outermost element ended.
    private(set) var isWhole = false
    private(set) var texts: [String: [String]] = [:]

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if root == nil { root = element } else { path.append(element) }
        text = ""
        if path.count > Self.maximumDepth { parser.abortParsing() }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
        _ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?
    ) {
        guard !path.isEmpty else {
            isWhole = true
            return
        }
        texts[path.joined(separator: "/"), default: []].append(text)
        path.removeLast()
        text = ""
    }
}
