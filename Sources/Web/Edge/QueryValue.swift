import Foundation

extension CharacterSet {
    /// What stands for itself anywhere in an address (RFC 3986, 2.3). Of ASCII alone, which `.alphanumerics` is not.
    static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

extension String {
    /// As a value in a query of an address: everything but the unreserved characters as its octets.
    var asQueryValue: String { addingPercentEncoding(withAllowedCharacters: .unreserved) ?? "" }
}
