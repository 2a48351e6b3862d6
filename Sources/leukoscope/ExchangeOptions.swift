import ArgumentParser
import Mail
import Web

/// What other systems are told, in which codes, and where.
struct ExchangeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A host that administrators may let news of cases be posted to, such as his.example.org; may be given again. Without "
                + "one nobody is told.",
            valueName: "host"))
    var subscriberHost: [String] = []

    @Option(
        help: ArgumentHelp(
            "A numeric address of a private network that such a host may have, such as 127.0.0.1; may be given again. All others are "
                + "refused.",
            valueName: "address"))
    var subscriberAllow: [String] = []

    @Flag(help: "Put codes of SNOMED CT into FHIR reports: where your country is a member, or you have a licence.")
    var snomedCt = false

    func validate() throws {
        for address in subscriberAllow where !WebhookGateway.isAddress(address) {
            throw ValidationError("“\(address)” is no numeric address such as 127.0.0.1 (--subscriber-allow).")
        }
    }

    var subscribers: Subscribers { Subscribers(hosts: subscriberHost, addresses: subscriberAllow) }
}
