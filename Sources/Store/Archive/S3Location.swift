import CCurl
import Clinic
import Foundation

/// Where an archive lies in an S3 store: `s3://bucket/prefix?endpoint=https://host:port&region=name`. It holds no secret.
public struct S3Location: Sendable, Equatable {
    /// How the bucket is named in requests.
    public enum Addressing: String, Sendable, CaseIterable {
        /// In the path, which every store but a few takes.
        case path
        /// In the host's name.
        case virtual
    }

    /// 3 to 63 of `a–z 0–9 . -`.
    public let bucket: String
    /// What all names of files begin with, without a slash at its ends; empty for none.
    public let prefix: String
    /// The region that requests are signed for.
    public let region: String
    public let addressing: Addressing
    /// Scheme, host and port that are called, and no others; no slash at the end.
    public let endpoint: String

    /// Reads what an operator wrote.
    ///
    /// Parameters of the query: `endpoint`, Amazon's of the region where there is none; `region`, `us-east-1` where there is
    /// none; `addressing`, `path` or `virtual`; `unencrypted=yes` for an endpoint on `http` that is not on this machine.
    ///
    /// - Throws: `ClinicError.invalid` with what is wrong and an example; never with a secret that stood in the text.
    public init(_ text: String) throws {
        guard let parts = URLComponents(string: text), parts.scheme == "s3", let host = parts.host else {
            throw Self.refusal("it must begin with s3:// and the name of a bucket")
        }
        guard parts.user == nil, parts.password == nil else { throw Self.keysInside }
        guard parts.port == nil, parts.fragment == nil else {
            throw Self.refusal("host and port of the store stand in endpoint=, and there is no part behind #")
        }
        guard Self.isBucket(host) else {
            throw Self.refusal("a bucket's name is 3 to 63 of a–z, 0–9, full stop and hyphen")
        }
        let path = parts.path.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
        guard path.isEmpty || (StoredName.isAllowed(path) && path.utf8.count <= 100) else {
            throw Self.refusal(
                "a prefix is at most 100 of A–Z, a–z, 0–9, hyphen, _ and full stop, between slashes, none beginning with a full stop"
            )
        }
        let parameters = try Self.parameters(parts.queryItems ?? [])
        let region = parameters[.region] ?? "us-east-1"
        guard !region.isEmpty, region.utf8.allSatisfy({ Self.isLabel($0) }) else {
            throw Self.refusal("a region is named like eu-central-1")
        }
        (bucket, prefix, self.region) = (host, path, region)
        addressing = try Self.addressing(parameters[.addressing])
        endpoint = try Self.endpoint(
            parameters[.endpoint] ?? "https://s3.\(region).amazonaws.com",
            mayBeUnencrypted: try Self.yes(parameters[.unencrypted]))
    }

    /// How it is told to operators.
    public var name: String { "s3://\(bucket)\(prefix.isEmpty ? "" : "/\(prefix)")" }

    /// The URL of an object, or of the bucket.
    ///
    /// - Parameter object: The object's whole name, prefix and all.
    func url(of object: String?) -> String {
        let path = object.map { "/\($0)" } ?? ""
        switch addressing {
        case .path: return "\(endpoint)/\(bucket)\(path)"
        case .virtual:
            let host = endpoint.range(of: "://").map { endpoint[$0.upperBound...] } ?? endpoint[...]
            return "\(endpoint.dropLast(host.count))\(bucket).\(host)\(path.isEmpty ? "/" : path)"
        }
    }

    /// The whole name of an object.
    func object(_ key: String) -> String { prefix.isEmpty ? key : "\(prefix)/\(key)" }

    // MARK: Reading

    private enum Parameter: String, CaseIterable { case endpoint, region, addressing, unencrypted }

    private static func parameters(_ items: [URLQueryItem]) throws -> [Parameter: String] {
        try items.reduce(into: [:]) { found, item in
            guard let parameter = Parameter(rawValue: item.name) else {
                if ["key", "secret", "token", "password", "credential"].contains(where: item.name.lowercased().contains)
                {
                    throw keysInside
                }
                let known = Parameter.allCases.map(\.rawValue).joined(separator: ", ")
                throw refusal("behind the question mark stand \(known), and nothing else")
            }
            guard found[parameter] == nil, let value = item.value else {
                throw refusal("\(parameter.rawValue) needs one value, and stands there once")
            }
            found[parameter] = value
        }
    }

    private static func addressing(_ text: String?) throws -> Addressing {
        guard let text else { return .path }
        guard let addressing = Addressing(rawValue: text) else {
            throw refusal("addressing is path or virtual")
        }
        return addressing
    }

    private static func yes(_ text: String?) throws -> Bool {
        guard text == nil || text == "yes" else { throw refusal("unencrypted is yes, or is not there") }
        return text != nil
    }

    private static func endpoint(_ text: String, mayBeUnencrypted: Bool) throws -> String {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, host.utf8.allSatisfy({ isLabel($0) || "[]:.".utf8.contains($0) })
        else { throw refusal("an endpoint looks like https://s3.example.org or https://192.0.2.7:9000") }
        guard parts.user == nil, parts.password == nil else { throw keysInside }
        guard ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil else {
            throw refusal("an endpoint ends with its host or port; bucket and prefix stand behind s3://")
        }
        let plain = host.trimmingCharacters(in: ["[", "]"])
        let isHere = plain == "localhost" || cc_address_is_here(plain) == 1
        guard scheme == "https" || isHere || mayBeUnencrypted else {
            throw refusal(
                "images go to another machine over https alone. Only on a closed network, say so with &unencrypted=yes")
        }
        let shown = plain.contains(":") ? "[\(plain)]" : plain
        return "\(scheme)://\(shown)\(parts.port.map { ":\($0)" } ?? "")"
    }

    private static func isBucket(_ text: String) -> Bool {
        (3...63).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.first != "-" && part.last != "-"
                    && part.utf8.allSatisfy { isLabel($0) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            }
    }

    /// Letters, digits and the hyphen.
    private static func isLabel(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || StoredName.isLetterOrDigit(byte)
    }

    private static func refusal(_ why: String) -> ClinicError {
        ClinicError(
            .invalid,
            fault: """
                The archive's address cannot be used: \(why). It looks like \
                s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1 (--archive, LEUKOSCOPE_ARCHIVE).
                """, field: "archive")
    }

    private static var keysInside: ClinicError {
        refusal(
            "keys do not belong into it. Give them as \(S3Access.keyVariable) and \(S3Access.secretVariable), and take a secret that "
                + "stood in a command line for known")
    }
}
