import Clinic
import Findings
import Foundation
import Offloading

/// A finished screening, put down for somebody outside: on paper (`pdf`) or for another system (`fhirR4`).
///
/// Holds of the person what the case's title says, and on paper what else is known of whose sample it is.
public struct ScreeningReport: Sendable {
    /// Everything that is said in words, in the reader's language.
    public struct Words: Sendable {
        /// The verdict: a class, “Uncertain”, or “No answer”; that of a doctor's signed reading where it leads.
        public var headline: String
        /// The line under it: how sure, or between what.
        public var subline: String
        /// The same of the network itself; nil where it leads.
        public var network: (headline: String, subline: String)?
        public var decision: String
        /// Why it was decided so.
        public var reasons: [String]
        /// A bar for each class, the most probable first; empty for a rejected image.
        public var bars: [Bar]
        public var meaning: String
        public var next: [String]
        /// The differential count with what it is worth, a sentence each; empty where no cells were read.
        public var cells: [String] = []
        /// The tag of the language (RFC 5646).
        public var language = "en"
        /// Screening aid, not a diagnosis.
        public var notDiagnosis: String
        /// What only a physician can do.
        public var footer: String
        /// Names of the parts.
        public var labels: Labels
        /// Moments as the reader writes them.
        public var moment: @Sendable (Date) -> String

        public init(
            headline: String, subline: String, network: (headline: String, subline: String)? = nil, decision: String,
            reasons: [String], bars: [Bar], meaning: String, next: [String], notDiagnosis: String, footer: String,
            labels: Labels, moment: @escaping @Sendable (Date) -> String
        ) {
            (self.headline, self.subline, self.network, self.decision) = (headline, subline, network, decision)
            (self.reasons, self.bars, self.meaning, self.next) = (reasons, bars, meaning, next)
            (self.notDiagnosis, self.footer, self.labels, self.moment) = (notDiagnosis, footer, labels, moment)
        }
    }

    /// A class with its probability.
    public struct Bar: Sendable {
        public let name: String
        /// As people read it.
        public let percent: String
        /// 0 to 1.
        public let share: Double

        public init(name: String, percent: String, share: Double) {
            (self.name, self.percent, self.share) = (name, percent, share)
        }
    }

    /// What a doctor read in the image and signed; a person's word beside the network's.
    public struct DoctorsReading: Sendable {
        let id: ReadingID
        let reader: String
        let qualifications: String
        let signedAt: Date
        let label: ReaderLabel
        let findings: [(code: SmearFinding, name: String)]
        let headline: String
        let comment: String
        let agreement: String
        let isSettled: Bool

        /// - Parameters:
        ///   - id: The reading.
        ///   - reader: The doctor's name.
        ///   - qualifications: Such as “MD”; empty where not known.
        ///   - signedAt: When it was signed.
        ///   - label: What was read.
        ///   - findings: What another finding is, as far as the list has it, with its names.
        ///   - headline: The class in words.
        ///   - comment: What the doctor wrote; empty for nothing.
        ///   - agreement: How it stands to the network's answer, in words.
        ///   - isSettled: Whether a later reading of the whole case settled it.
        public init(
            id: ReadingID, reader: String, qualifications: String, signedAt: Date, label: ReaderLabel,
            findings: [(code: SmearFinding, name: String)] = [], headline: String, comment: String, agreement: String,
            isSettled: Bool = false
        ) {
            (self.findings, self.isSettled) = (findings, isSettled)
            (self.id, self.reader, self.qualifications, self.signedAt) = (id, reader, qualifications, signedAt)
            (self.label, self.headline, self.comment, self.agreement) = (label, headline, comment, agreement)
        }

        /// The doctor with qualifications.
        var signature: String { qualifications.isEmpty ? reader : "\(reader), \(qualifications)" }
    }

    /// Names of the parts of the page.
    public struct Labels: Sendable {
        public var title, image, heatMap, heatHelp, probabilities, reasons, meaning, next: String
        public var caseNumber, screening, received, screened, model, pixels, sentSHA256, storedSHA256: String
        public var doctorsReading, moreReadings, network, signed, cells: String

        /// - Parameter text: The words for a name of a part, such as `heatMap`.
        public init(_ text: (String) -> String) {
            title = text("title")
            image = text("image")
            heatMap = text("heatMap")
            heatHelp = text("heatHelp")
            probabilities = text("probabilities")
            reasons = text("reasons")
            meaning = text("meaning")
            next = text("next")
            caseNumber = text("caseNumber")
            screening = text("screening")
            received = text("received")
            screened = text("screened")
            model = text("model")
            pixels = text("pixels")
            sentSHA256 = text("sentSHA256")
            storedSHA256 = text("storedSHA256")
            doctorsReading = text("doctorsReading")
            moreReadings = text("moreReadings")
            network = text("network")
            signed = text("signed")
            cells = text("cells")
        }
    }

    let smearCase: SmearCase?
    let image: CaseImage
    let screeningID: ScreeningID
    let finishedAt: Date
    let result: ScreeningOutcome
    let readings: [DoctorsReading]
    /// What is known of the person whose sample it is: names and values in words.
    let person: [(name: String, value: String)]
    /// The same for other systems; nil for a reader who may not see the case.
    let subject: CaseSubject?
    let words: Words
    /// The site's address without a slash at its end; nil where it has none.
    let address: String?

    /// - Parameters:
    ///   - smearCase: The case; nil for a reader who may not see it.
    ///   - image: The image in it.
    ///   - screeningID: The screening of that image.
    ///   - finishedAt: When it was answered.
    ///   - result: The answer.
    ///   - readings: What doctors signed.
    ///   - person: What is known of the person whose sample it is, for a reader who may see the case.
    ///   - subject: The same for other systems.
    ///   - words: The answer in words.
    ///   - address: Where the site is reached, for identifiers and links; nil where only this machine reaches it.
    public init(
        smearCase: SmearCase?, image: CaseImage, screeningID: ScreeningID, finishedAt: Date, result: ScreeningOutcome,
        readings: [DoctorsReading] = [], person: [(name: String, value: String)] = [], subject: CaseSubject? = nil,
        words: Words, address: URL?
    ) {
        (self.smearCase, self.image, self.screeningID, self.finishedAt) = (smearCase, image, screeningID, finishedAt)
        (self.result, self.readings, self.words) = (result, readings, words)
        (self.person, self.subject) = (person, subject)
        self.address = address.map { $0.absoluteString.trimmingCharacters(in: ["/"]) }
    }

    /// The case's title, for those who may see it, else what the report is.
    var title: String { smearCase?.title ?? words.labels.title }

    /// Whether a class may be shown at all.
    var isRejected: Bool { result.decision == .rejected }

    /// The report on one page of A4.
    ///
    /// Where the words are many, as some languages need, the pictures and then the letters become smaller.
    ///
    /// - Parameters:
    ///   - picture: The image as it was screened.
    ///   - heatMap: The class-activation map over it; left out of the page of a rejected image, which shows no class.
    /// - Returns: A PDF file.
    /// - Throws: `ScreeningReportError.drawing`.
    public func pdf(picture: ReportPicture, heatMap: ReportPicture?) throws -> [UInt8] {
        let page = try PDFPage(title: "\(words.labels.title) · \(title)", created: finishedAt)
        let pictures =
            [(picture, words.labels.image)] + (isRejected ? [] : heatMap.map { [($0, words.labels.heatMap)] } ?? [])
        var layout = ReportLayout(page: page, report: self, pictures: pictures)
        for scale in stride(from: 1.0, through: 0.55, by: -0.05) {
            layout.scale = scale
            if layout.fits { break }
        }
        layout.draw()
        return try page.finish()
    }

    /// As above from the pictures' files, off the cooperative pool: laying out text takes some tens of milliseconds.
    ///
    /// - Parameters:
    ///   - picture: The file of the image as it was screened.
    ///   - heatMap: The file of the heat map over it; nil for a rejected image.
    /// - Throws: `ImagingError` for a file that is no image, `ScreeningReportError.drawing`.
    public func pdf(picture: [UInt8], heatMap: [UInt8]?) async throws -> [UInt8] {
        try await Offloading.process.compute {
            try pdf(picture: ReportPicture(picture), heatMap: heatMap.map { try ReportPicture($0) })
        }
    }
}
