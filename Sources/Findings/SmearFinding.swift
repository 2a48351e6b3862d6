/// What readers often find in a smear that the network has no class for.
///
/// The raw value is its code in rows and forms, and in `codeSystem` for other programs; it is never given another meaning. Names for
/// people are in the catalogue under `readings.findings`.
public enum SmearFinding: String, Sendable, Codable, CaseIterable, Hashable {
    /// Small, pale red cells.
    case ironDeficiency = "iron-deficiency"
    case macrocytes
    case sickleCells = "sickle-cells"
    case spherocytes
    case targetCells = "target-cells"
    /// Fragments of red cells.
    case schistocytes
    case teardropCells = "teardrop-cells"
    case polychromasia
    case rouleaux
    case basophilicStippling = "basophilic-stippling"
    /// Young neutrophils.
    case leftShift = "left-shift"
    case toxicGranulation = "toxic-granulation"
    case hypersegmentedNeutrophils = "hypersegmented-neutrophils"
    case eosinophilia
    case smudgeCells = "smudge-cells"
    case thrombocytopenia
    case plateletClumps = "platelet-clumps"
    case giantPlatelets = "giant-platelets"
    case malariaParasites = "malaria-parasites"
    case filaria
    /// The blood was too old when it was spread.
    case storageArtefact = "storage-artefact"
    case stainArtefact = "stain-artefact"

    /// What the finding is about, for the order of forms.
    public enum Group: String, Sendable, CaseIterable {
        case redCells = "red-cells"
        case whiteCells = "white-cells"
        case platelets
        case parasites
        case artefacts
    }

    /// The code system of the raw values.
    public static let codeSystem = "urn:leukoscope:finding"

    public var group: Group {
        switch self {
        case .ironDeficiency, .macrocytes, .sickleCells, .spherocytes, .targetCells, .schistocytes, .teardropCells,
            .polychromasia, .rouleaux, .basophilicStippling:
            .redCells
        case .leftShift, .toxicGranulation, .hypersegmentedNeutrophils, .eosinophilia, .smudgeCells: .whiteCells
        case .thrombocytopenia, .plateletClumps, .giantPlatelets: .platelets
        case .malariaParasites, .filaria: .parasites
        case .storageArtefact, .stainArtefact: .artefacts
        }
    }

    /// Findings in their usual order, each once.
    public static func ordered(_ findings: some Sequence<SmearFinding>) -> [SmearFinding] {
        let found = Set(findings)
        return allCases.filter(found.contains)
    }
}
