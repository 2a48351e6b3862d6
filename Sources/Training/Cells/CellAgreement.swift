import Cells
import Findings
import Foundation

/// Between which evidence of blasts the cells contradict neither class, chosen on fields that the cell model did not learn
/// from, read as they would arrive: not widened, at the scale that is measured.
public struct CellAgreement: Codable, Sendable, Equatable {
    public let limits: AgreementLimits
    /// Fields without and with leukaemia that the limits were chosen on.
    public let benign: Int
    public let malignant: Int
    /// Shares of them whose cells do not contradict their class, 0 to 1.
    public let benignKept: Double
    public let malignantKept: Double

    /// What was read of one field.
    struct Field {
        let isMalignant: Bool
        let evidence: Double
    }

    /// - Parameters:
    ///   - reader: The cell model.
    ///   - smears: Fields with a diagnosis; others, and those that were learned from, are left out.
    ///   - redCellsAcross: As the package will state.
    ///   - benignKept: The share of fields without leukaemia that may be told benign, 0 to 1.
    ///   - malignantKept: The share of fields with leukaemia that may be told malignant, 0 to 1.
    ///   - observe: Done and all.
    /// - Throws: `TrainingError` where either kind of field is missing, `ImagingError`, `InferenceError`.
    public init(
        _ reader: CellReader, _ smears: [LabelledSmear], redCellsAcross: Double, benignKept: Double,
        malignantKept: Double, observe: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let asked = smears.filter { $0.isHeldOut && $0.hasDiagnosis }
        let fields = try asked.enumerated().map { number, smear in
            observe(number + 1, asked.count)
            let reading = try reader.read(smear.image(), redCellsAcross: redCellsAcross)
            return Field(isMalignant: smear.showsLeukaemia == true, evidence: reading.evidence.probability)
        }
        try self.init(fields, benignKept: benignKept, malignantKept: malignantKept)
    }

    init(_ fields: [Field], benignKept: Double, malignantKept: Double) throws {
        let benign = fields.filter { !$0.isMalignant }.map(\.evidence).sorted()
        let malignant = fields.filter(\.isMalignant).map(\.evidence).sorted()
        guard !benign.isEmpty, !malignant.isEmpty else {
            throw TrainingError(
                .data,
                "limits of agreement need held-out fields with and without leukaemia, not \(malignant.count) and "
                    + "\(benign.count)")
        }
        let highest = benign[min(benign.count - 1, max(0, Int((benignKept * Double(benign.count)).rounded(.up)) - 1))]
        let dropped = Int(((1 - malignantKept) * Double(malignant.count)).rounded(.down))
        let lowest = malignant[min(malignant.count - 1, dropped)]
        limits = AgreementLimits(benignMaximum: highest, malignantMinimum: lowest)
        (self.benign, self.malignant) = (benign.count, malignant.count)
        self.benignKept = Double(benign.count { $0 <= highest }) / Double(benign.count)
        self.malignantKept = Double(malignant.count { $0 >= lowest }) / Double(malignant.count)
    }
}

extension LabelledSmear {
    fileprivate var hasDiagnosis: Bool { if case .diagnosis = truth { true } else { false } }
}
