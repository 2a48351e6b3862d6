import Findings

/// The codes of LOINC that reports use, with their official long names (LOINC 2.80; before 2.73 the shares of the differential were
/// called “…/100 leukocytes in Blood”). Why each: `docs/interoperability.md`.
///
/// This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the LOINC
/// Committee and is available at no cost under the licence at http://loinc.org/license. LOINC® is a registered United States
/// trademark of Regenstrief Institute, Inc.
enum LOINC {
    static let interpretation = concept("18314-5", "Morphology [Interpretation] in Blood Narrative")
    static let differential = concept("69738-3", "Differential panel, method unspecified - Blood")
    static let blastsByHand = concept("709-6", "Blasts/Leukocytes in Blood by Manual count")
    static let haemoglobin = concept("718-7", "Hemoglobin [Mass/volume] in Blood")
    static let whiteCells = concept("26464-8", "Leukocytes [#/volume] in Blood")
    static let platelets = concept("26515-7", "Platelets [#/volume] in Blood")
    static let age = concept("30525-0", "Age")
    static let photograph = concept("72170-4", "Photographic image Unspecified body region Document")
    static let report = concept("11502-2", "Laboratory report")

    /// The share of a type among the white cells, by any method: photographs are neither an automated count nor one by hand. Nil for
    /// cells of which nobody is sure, and for what is no white cell.
    static func share(of type: CellType) -> FHIR.CodeableConcept? {
        switch type {
        case .blast: concept("26446-5", "Blasts/Leukocytes in Blood")
        case .neutrophil: concept("26511-6", "Neutrophils/Leukocytes in Blood")
        case .eosinophil: concept("26450-7", "Eosinophils/Leukocytes in Blood")
        case .basophil: concept("30180-4", "Basophils/Leukocytes in Blood")
        case .monocyte: concept("26485-3", "Monocytes/Leukocytes in Blood")
        case .lymphocyte: concept("26478-8", "Lymphocytes/Leukocytes in Blood")
        case .immatureGranulocyte: concept("38518-7", "Immature granulocytes/Leukocytes in Blood")
        case .unsure, .erythroblast, .platelet, .smudge: nil
        }
    }

    /// The answer of LOINC's lists to whether something is there.
    static let present = concept("LA9633-4", "Present")

    /// Whether a finding is present, by light microscopy. Nil where LOINC does not ask exactly that: pictures and artefacts, and shares
    /// and numbers that it asks for as numbers.
    static func presence(of finding: SmearFinding) -> FHIR.Coding? {
        switch finding {
        case .macrocytes: presence("738-5", "Macrocytes")
        case .sickleCells: presence("801-1", "Sickle cells")
        case .spherocytes: presence("802-9", "Spherocytes")
        case .targetCells: presence("10381-2", "Target cells")
        case .schistocytes: presence("800-3", "Schistocytes")
        case .teardropCells: presence("7791-7", "Dacrocytes")
        case .polychromasia: presence("10378-8", "Polychromasia")
        case .rouleaux: presence("7797-4", "Rouleaux")
        case .basophilicStippling: presence("703-9", "Basophilic stippling")
        case .toxicGranulation: presence("803-7", "Toxic granules")
        case .hypersegmentedNeutrophils: presence("765-8", "Neutrophils.hypersegmented")
        case .smudgeCells: presence("7798-2", "Smudge cells")
        case .plateletClumps: presence("7796-6", "Platelet clump")
        case .giantPlatelets: presence("5908-9", "Giant platelets")
        case .malariaParasites: presence("51587-4", "Plasmodium sp")
        case .ironDeficiency, .leftShift, .eosinophilia, .thrombocytopenia, .filaria, .storageArtefact, .stainArtefact:
            nil
        }
    }

    private static func presence(_ code: String, _ name: String) -> FHIR.Coding {
        .init(system: "http://loinc.org", code: code, display: "\(name) [Presence] in Blood by Light microscopy")
    }

    private static func concept(_ code: String, _ name: String) -> FHIR.CodeableConcept {
        .init(coding: [.init(system: "http://loinc.org", code: code, display: name)])
    }
}
