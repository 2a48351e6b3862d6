import Clinic
import Findings
import Foundation
import FoundationEssentials
import Testing

@Suite struct AuditActionTests {
    /// Every action but `unknown`; a new one that is missing here has no text that reads back.
    private static var all: [AuditAction] {
        var all: [AuditAction] = []
        all += AuditAction.UserAct.allCases.map(AuditAction.user)
        all += AuditAction.TokenAct.allCases.map(AuditAction.token)
        all += AuditAction.CaseAct.allCases.map(AuditAction.smearCase)
        all += AuditAction.CaseView.allCases.map(AuditAction.caseRead)
        all += AuditAction.ImageAct.allCases.map(AuditAction.image)
        all += AuditAction.LiveAct.allCases.map(AuditAction.live)
        all += AuditAction.SlideAct.allCases.map(AuditAction.slide)
        all += AuditAction.ScreeningAct.allCases.map(AuditAction.screening)
        all += AuditAction.ScreeningView.allCases.map(AuditAction.screeningRead)
        all += PictureKind.kinds(numbered: 3).map(AuditAction.screeningPicture)
        all += AuditAction.ReadingAct.allCases.map(AuditAction.reading)
        all += AuditAction.Answer.allCases.map(AuditAction.readingList)
        all += AuditAction.CellAct.allCases.map(AuditAction.cell)
        all += AuditAction.Answer.allCases.map(AuditAction.cellRead)
        all += AuditAction.AppointmentAct.allCases.map(AuditAction.appointment)
        all += AuditAction.DoctorAct.allCases.map(AuditAction.doctor)
        all += AuditAction.DocumentAct.allCases.map(AuditAction.document)
        all += AuditAction.ReviewAct.allCases.map(AuditAction.review)
        all += AuditAction.PersonAct.allCases.map(AuditAction.person)
        all += AuditAction.ConsentAct.allCases.map(AuditAction.consent)
        all += AuditAction.SiteAct.allCases.map(AuditAction.site)
        all += AuditAction.ModelAct.allCases.map(AuditAction.model)
        all += AuditAction.AuditAct.allCases.map(AuditAction.audit)
        all += AuditAction.PrivacyAct.allCases.map(AuditAction.privacy)
        all += AuditAction.SubscriptionAct.allCases.map(AuditAction.subscription)
        return all + AuditAction.APIAct.allCases.map(AuditAction.api)
    }

    @Test func `every action reads back from the text of its row`() {
        for action in Self.all {
            let entry = AuditEntry(action, by: .system, object: "x", at: .distantPast)
            let stored = AuditEntry(
                storedAs: entry.action.name, by: .system, object: "x", detail: entry.detail, at: .distantPast)
            #expect(stored == entry, "\(action)")
        }
        #expect(Set(Self.all).count == Self.all.count)
    }

    @Test(arguments: [
        ("screening.picture", "heatmap", AuditAction.screeningPicture(.overlay)),
        ("screening.picture", "name=heat.png", .screeningPicture(.heat)),
        ("screening.picture", "name=none.jpg", .unknown("screening.picture")),
        ("screening.read", "reading answer=hidden", .screeningRead(.blindReading)),
        ("screening.read", "", .screeningRead(.page)), ("case.read", "compare", .caseRead(.compare)),
        ("case.print", "", .smearCase(.print)), ("case.read", "hologram", .unknown("case.read")),
        ("doctor.import", "updated status=verified", .doctor(.imported)), ("x.y", "", .unknown("x.y")),
    ])
    func `a row of any version is read, and keeps its words`(name: String, detail: String, action: AuditAction) {
        let entry = AuditEntry(storedAs: name, by: .system, object: "", detail: detail, at: .distantPast)
        #expect(entry.action == action)
        #expect(entry.action.name == name && entry.detail == detail)
    }

    @Test func `what is not known of a case, a screening, a reading or a cell counts as shown`() {
        for area in ["case", "screening", "reading", "cell"] { #expect(AuditAction(name: "\(area).hologram").reveals) }
        for name in ["user.hologram", "x.y"] { #expect(!AuditAction(name: name).reveals) }
    }

    @Test func `every picture has a name that only it has`() {
        for number in [0, 1, 12] {
            for kind in PictureKind.kinds(numbered: number) { #expect(PictureKind(name: kind.name) == kind) }
        }
        for name in ["none.jpg", "step-0.png", "step-.jpg", "step--1.jpg", "step-01.jpg", "../heat.png", "", "heat"] {
            #expect(PictureKind(name: name) == nil, "\(name)")
        }
    }
}
