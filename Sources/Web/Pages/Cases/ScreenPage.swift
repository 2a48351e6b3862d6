import Clinic
import Findings
import Wording

/// The home page: what it does, where to drop an image, and drawn images to try.
struct ScreenPage: Sendable {
    /// A drawn image that can be screened with one click.
    struct Example: Sendable {
        let key: String
        let name: String
        let address: String
        let action: String
        let alt: String
    }

    let frame: PageFrame
    let examples: [Example]
    /// The form of somebody who is logged in, whose images are kept; nil for others.
    let upload: UploadForm?
    /// Whether the reader has not agreed that anything is screened.
    let needsConsent: Bool
    let privacy: [String]
    /// What somebody who is logged in has not seen yet.
    let notices: [NoticeLine]

    /// Whether whole slides can be sent.
    let hasSlides: Bool

    init(notices: [NoticeLine], dependents: [Dependent], hasSlides: Bool, site: Site, context: WebContext) {
        (self.notices, self.hasSlides) = (notices, hasSlides)
        let text = site.text
        frame = PageFrame(site: site, title: text("screen.title"), place: .screen, context: context)
        examples = site.examples.map { example in
            let name = text("classes.\(example.smearClass).name")
            return Example(
                key: example.smearClass.rawValue, name: name, address: example.address,
                action: text("screen.exampleAction", ["class": name]), alt: text("screen.exampleAlt", ["class": name]))
        }
        needsConsent = frame.needsConsent
        upload =
            frame.isLoggedIn && !needsConsent ? UploadForm(dependents: dependents, text: text, csrf: frame.csrf) : nil
        privacy = text.list(frame.isLoggedIn ? "cases.privacy" : "screen.privacy")
    }
}
