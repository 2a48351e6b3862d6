import Clinic
import Crypto
import Foundation
import Formats
import Mail

/// Where news of cases may be posted to: what whoever runs the server has named, and nothing else.
public struct Subscribers: Sendable {
    /// Hosts, such as `his.example.org`; none means that nobody is told.
    public var hosts: [String]
    /// Numeric addresses of private networks that may be called.
    public var addresses: [String]

    public init(hosts: [String] = [], addresses: [String] = []) {
        (self.hosts, self.addresses) = (hosts, addresses)
    }

    /// Whether the host of an address is named, numeric ones however they are written.
    private func isNamed(_ endpoint: String) -> Bool {
        guard let host = URLComponents(string: endpoint)?.host else { return false }
        return hosts.contains(host) || WebhookGateway.isAddress(host, among: hosts + addresses)
    }

    /// - Throws: `ClinicError.invalid` with field `endpoint` for an address that may not be called.
    func check(_ endpoint: String) throws {
        guard isNamed(endpoint) else {
            throw ClinicError(.invalid, "errors.fhir.host", field: "endpoint")
        }
        do {
            _ = try gateway(endpoint, secret: String(repeating: "0", count: WebhookGateway.minimumSecret))
        } catch is MailError {
            throw ClinicError(.invalid, "errors.fhir.endpoint", field: "endpoint")
        }
    }

    /// What posts to an address.
    ///
    /// - Throws: `MailError.configuration` for an address that may not be called.
    func gateway(_ endpoint: String, secret: String) throws -> WebhookGateway {
        guard isNamed(endpoint) else {
            throw MailError(.configuration, "The host of the subscription is not named by --subscriber-host.")
        }
        return try WebhookGateway(url: endpoint, secret: secret, allowed: addresses, isBrief: true)
    }
}

extension SiteServices {
    /// What signs the news of a subscription: 64 hexadecimal digits, made of the installation's secret and kept nowhere.
    func secret(of subscription: SubscriptionID) -> String {
        HMAC<SHA256>.authenticationCode(
            for: Data(subscription.text.utf8), using: SymmetricKey(data: key("subscriptions"))
        ).hexadecimal
    }
}
