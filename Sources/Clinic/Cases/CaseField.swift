import Findings

/// An image that is screened, as the verdict on its case takes it.
public struct CaseField: Sendable, Equatable {
    /// Which image it is; nil where that does not matter.
    public let imageID: ImageID?
    /// What the network found.
    public let network: Finding
    /// What the image comes to, signed readings and all (`Finding.led`).
    public let finding: Finding
    /// Whether a reading that counts names a malignant class.
    public let isSignedMalignant: Bool
    /// What is kept of its answer for the verdict; nil where nothing is.
    public let facts: ImageFacts?
    /// Whether its answer may reassure: a qualified microscope made it, or a doctor signed what it comes to.
    public let isBacked: Bool
    /// Whether a qualified microscope made it.
    private let isQualified: Bool

    public init(
        imageID: ImageID? = nil, finding: Finding, isSignedMalignant: Bool = false, facts: ImageFacts? = nil,
        isQualified: Bool = false
    ) {
        self.init(
            imageID, network: finding, finding: finding, isSignedMalignant, facts, isQualified: isQualified,
            isSigned: false)
    }

    private init(
        _ imageID: ImageID?, network: Finding, finding: Finding, _ isSignedMalignant: Bool, _ facts: ImageFacts?,
        isQualified: Bool, isSigned: Bool
    ) {
        (self.isQualified, isBacked) = (isQualified, isQualified || isSigned)
        (self.imageID, self.network, self.finding) = (imageID, network, finding)
        (self.isSignedMalignant, self.facts) = (isSignedMalignant, facts)
    }

    /// - Parameters:
    ///   - network: What the network found.
    ///   - readings: Those of the image.
    ///   - isQualified: Whether a qualified microscope made it (`ScreeningOrigin`).
    public init(
        imageID: ImageID?, network: Finding, readings: [Reading], facts: ImageFacts?, isQualified: Bool = false
    ) {
        self.init(
            imageID, network: network, finding: network.led(by: readings),
            readings.counting.contains { $0.label.isMalignant }, facts, isQualified: isQualified,
            isSigned: network.leading(readings.counting) != nil)
    }

    /// The same as the network alone left it.
    var ofNetwork: CaseField {
        CaseField(imageID: imageID, finding: network, facts: facts, isQualified: isQualified)
    }

    var isUsable: Bool { finding.decision != .rejected }

    /// Of images of one field the one of highest rank counts.
    var rank: Int {
        if isSignedMalignant { return 3 }
        if finding.reported?.isMalignant == true { return 2 }
        return finding.decision == .uncertain ? 1 : 0
    }
}

/// What a case needs of an image's answer, kept in a narrow row beside it.
public struct ImageFacts: Sendable, Equatable {
    public let imageID: ImageID
    /// Which model answered.
    public let model: ScreeningOutcome.Model
    /// What the white cells came to; nil for a model that reads none.
    public let cells: CellFindings.Counts?

    public init(imageID: ImageID, model: ScreeningOutcome.Model, cells: CellFindings.Counts?) {
        (self.imageID, self.model, self.cells) = (imageID, model, cells)
    }
}

/// Two images of a case that show the same field or a part of it.
public struct ImageOverlap: Sendable, Equatable, Hashable {
    /// The smaller identifier of the two.
    public let first: ImageID
    public let second: ImageID
    public let relation: FieldRelation

    /// - Parameters:
    ///   - one: Either of the two.
    ///   - other: The other.
    public init(_ one: ImageID, _ other: ImageID, _ relation: FieldRelation) {
        (first, second) = one.text < other.text ? (one, other) : (other, one)
        self.relation = relation
    }
}

/// What is kept of images for the verdict on their case.
public protocol ImageFactRows {
    /// Stores the facts of an image that is there, in place of earlier ones, and forgets which images it overlaps with.
    ///
    /// - Parameter likeness: What others are compared with, as text; nil where nothing is.
    func record(_ facts: ImageFacts, likeness: String?) throws
    /// What the other images of a case are compared with.
    func likenesses(of smearCase: CaseID) throws -> [(image: ImageID, likeness: String)]
    /// The facts of the images of cases.
    func facts(ofCases cases: [CaseID]) throws -> [ImageFacts]
    /// Stores overlaps of images of which both are still there.
    func record(_ overlaps: [ImageOverlap], in smearCase: CaseID) throws
    /// Those of images that are there: they go with either image.
    func overlaps(ofCases cases: [CaseID]) throws -> [CaseID: [ImageOverlap]]
}

extension CaseContents {
    /// The same under a rule.
    func ruled(by rule: VerdictRule?) -> CaseContents {
        var contents = self
        contents.rule = rule
        return contents
    }
}

extension CaseSummary {
    /// The same under a rule.
    func ruled(by rule: VerdictRule?) -> CaseSummary {
        var summary = self
        summary.rule = rule
        return summary
    }
}
