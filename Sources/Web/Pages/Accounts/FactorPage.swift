import Clinic
import Wording

/// Setting up the second factor: the key and a code of it, then the recovery codes.
struct FactorPage: Sendable {
    let frame: PageFrame
    /// The key in groups of four, as it is typed.
    let key: String?
    let uri: String?
    /// `uri` as a picture for the camera of a telephone.
    let code: QRCode?
    let signed: String
    let fields: [FormField]
    let codes: [String]
    let hasCodes: Bool
    let alert: String?

    /// The first page.
    init(_ offer: Accounts.OfferedFactor, user: User, site: Site, context: WebContext, error: ClinicError? = nil)
        throws
    {
        let text = site.text
        frame = PageFrame(site: site, title: text("account.factor.title"), place: .account, context: context)
        let base32 = Array(offer.totp.base32)
        key = stride(from: 0, to: base32.count, by: 4).map { String(base32[$0..<min($0 + 4, base32.count)]) }
            .joined(separator: " ")
        uri = offer.totp.uri(account: user.email, issuer: text("site.name"))
        code = try uri.map { try QRCode($0) }
        signed = offer.signed
        fields = [
            FormField(
                "code", text: text, autocomplete: "one-time-code", id: "factor-code", label: "totpCode",
                maximumLength: 10, error: error)
        ]
        codes = []
        hasCodes = false
        alert = error?.field == nil ? error.map { text($0) } : nil
    }

    /// The page after it.
    init(codes: [String], site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("account.recovery.title"), place: .account, context: context)
        (key, uri, code, signed, fields, alert) = (nil, nil, nil, "", [], nil)
        self.codes = codes
        hasCodes = true
    }
}
