import Clinic
import Wording

/// A page that is one form: log in, register, reset, the code of the second factor, the first administrator.
struct FormPage: Sendable {
    /// Where else to go from here.
    struct Link: Sendable {
        let before: String
        let address: String
        let label: String
    }

    /// The notice that somebody agrees to, with its box.
    struct Terms: Sendable {
        let lines: [String]
        let label: String
        let isTicked: Bool
        let error: String?
    }

    let frame: PageFrame
    let title: String
    let lead: String?
    /// What has just happened, or what is wrong with no field of its own.
    let notice: String?
    let alert: String?
    /// What is wrong with each field, with where it is; empty where nothing is.
    let summary: [PageLink]
    /// Where the form goes; nil for a page without one.
    let action: String?
    let fields: [FormField]
    let boxes: [FormBox]
    let terms: Terms?
    let hidden: [NamedValue]
    let submit: String
    let links: [Link]

    /// - Parameters:
    ///   - kind: The page's place in the texts, under `account`.
    ///   - site: What all pages share.
    ///   - context: Who asks.
    ///   - action: Where the form goes; nil for a page without one.
    ///   - fields: In order.
    ///   - boxes: After the fields.
    ///   - terms: What has to be agreed to, before the button.
    ///   - hidden: What the form carries unseen.
    ///   - error: What is wrong; shown above the form when no field is its own.
    ///   - notice: What has just happened.
    ///   - links: Where else to go.
    init(
        _ kind: String, site: Site, context: WebContext, action: String?, fields: [FormField] = [],
        boxes: [FormBox] = [], terms: Terms? = nil, hidden: [NamedValue] = [], error: ClinicError? = nil,
        notice: String? = nil,
        links: [Link] = []
    ) {
        let text = site.text
        title = text("account.\(kind).title")
        frame = PageFrame(site: site, title: title, place: .account, context: context)
        lead = text.find("account.\(kind).lead")
        self.terms = terms
        let isAtField = fields.contains { $0.error != nil } || terms?.error != nil
        summary =
            fields.compactMap { field in
                field.error.map { PageLink(name: "\(field.label): \($0)", address: "#\(field.id)", isOn: false) }
            } + [terms?.error].compactMap { $0 }.map { PageLink(name: $0, address: "#consent", isOn: false) }
        alert = isAtField ? nil : error.map { text($0) }
        (self.action, self.fields, self.boxes, self.hidden) = (action, fields, boxes, hidden)
        submit = text("account.\(kind).submit")
        (self.notice, self.links) = (notice, links)
    }
}
