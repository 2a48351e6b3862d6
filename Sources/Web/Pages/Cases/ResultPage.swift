import Clinic
import Findings
import Foundation
import Findings
import Wording

/// The answer to one image: the verdict, how sure it is, where it looked, and what to do.
struct ResultPage: Sendable {
    /// One class's probability as a bar; `width` is in hundredths of the whole bar.
    struct Bar: Sendable {
        let name: String
        let percent: String
        let exact: String
        let width: String
        let isInSet: Bool
    }

    let frame: PageFrame
    let notice: String?
    let isDrawn: Bool
    let isReport: Bool
    let isRejected: Bool
    /// Whether the headline is a doctor's signed reading.
    let isLed: Bool
    let headline: String
    let subline: String
    let isCalibrated: Bool
    let decision: String
    let reasons: [String]
    /// Which of its fields were read, where the image was cut; and where they lie.
    let fieldsRead: String?
    let fields: FieldsView?
    let bars: [Bar]
    let predictionSet: String
    let facts: [NamedValue]
    let meaning: String
    let next: [String]
    let pictures: ResultPictures
    /// What the page tells its viewer.
    let tools: ViewerTools
    let modelName: String
    let modelVersion: String
    let pixels: String
    /// What is told of the file that was read, one sentence each.
    let imageNotes: [String]
    /// SHA-256 of the file as it was sent.
    let sentSHA256: String
    /// SHA-256 of the stored, re-encoded image; nil where none is kept.
    let storedSHA256: String?
    let timings: String
    /// What a stored screening has beyond the answer; nil for one that is not kept.
    let stored: StoredResult?
    /// Whether the tab with the answer is open.
    let showsResult: Bool
    /// How the answer came about; nil where it is not shown.
    let analytics: AnalyticsView?
    /// Doctors for the owner of a stored screening; nil for others.
    let doctors: DoctorsSection?
    /// Where to find doctors after an answer that is not kept.
    let doctorsAddress: String?
    /// What is said of the microscope.
    let microscope: String
    let isQualified: Bool

    /// - Parameters:
    ///   - result: The screening's result.
    ///   - readings: Signed readings, one of which may lead.
    ///   - pictures: The image, and the heat map where a class may be shown.
    ///   - analytics: How the answer came about, where it is to be shown.
    ///   - isDrawn: Whether the image is one of the drawn examples.
    ///   - stored: What a stored screening has beyond the answer.
    ///   - sentSHA256: Of the file as it was sent, where the stored image was screened.
    ///   - doctors: Doctors for the owner of a stored screening.
    ///   - standing: What is said of the microscope.
    ///   - site: What all pages share.
    ///   - context: Who asks.
    init(
        _ result: ScreeningOutcome, readings: [SignedReading] = [], pictures: ResultPictures, analytics: AnalyticsView?,
        isDrawn: Bool = false,
        stored: StoredResult? = nil, sentSHA256: String? = nil, doctors: DoctorsSection? = nil,
        standing: SiteStanding = .unknown, site: Site, context: WebContext
    ) {
        let text = site.text
        let words = ResultWords(result, readings: readings, standing: standing, text: text)
        frame = PageFrame(
            site: site, title: text("result.title"), place: Self.place(of: stored), context: context)
        self.stored = stored
        self.analytics = analytics
        showsResult = stored?.isAnalytics != true
        self.doctors = doctors
        let need = RecommendationRequest.Need(result.finding)
        doctorsAddress = stored == nil ? DoctorSearch(need: need).address(at: nil) : nil
        notice = result.notice
        self.isDrawn = isDrawn
        isReport = result.decision == .report
        isRejected = result.decision == .rejected
        (microscope, isQualified) = (words.microscope, standing.isQualified)
        headline = words.headline
        subline = words.subline
        isLed = words.isLed
        isCalibrated = isReport && !isLed
        decision = text("result.decisions.\(result.decision.rawValue)")
        reasons = words.reasons
        fieldsRead = words.fields
        fields = FieldsView(result, text: text)
        bars = isRejected ? [] : words.bars
        predictionSet = words.predictionSet
        facts = words.facts
        meaning = words.meaning
        next = words.next
        self.pictures = pictures
        tools = ViewerTools(result, text: text)
        modelName = result.model.name
        modelVersion = result.model.version
        pixels = text(
            "result.pixels", ["width": String(result.image.width), "height": String(result.image.height)])
        imageNotes = (result.image.notes ?? []).map { text($0.message) }
        self.sentSHA256 = sentSHA256 ?? result.image.sha256
        storedSHA256 = sentSHA256 == nil ? nil : result.image.sha256
        timings = text(
            "result.timingsValue",
            [
                "decode": Self.rounded(result.timings.decodeMs),
                "preprocess": Self.rounded(result.timings.preprocessMs),
                "inference": Self.rounded(result.timings.inferenceMs),
            ])
    }

    /// A shared screening belongs to a clinician's readings, one's own to one's cases.
    private static func place(of stored: StoredResult?) -> PageFrame.Place {
        guard let stored else { return .screen }
        return stored.readAddress == nil ? .cases : .readings
    }

    private static func rounded(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }
}
