import Findings

extension FHIR.CodeableConcept {
    /// A finding by the code of the list.
    init(_ finding: SmearFinding, name: String) {
        self.init(
            coding: [.init(system: SmearFinding.codeSystem, code: finding.rawValue, display: name)], text: name)
    }
}

extension FHIR.Component {
    /// That a finding was seen: asked in LOINC's words too where it has the question.
    init(_ finding: SmearFinding, name: String) {
        var code = FHIR.CodeableConcept(finding, name: name)
        code.coding = (code.coding ?? []) + [LOINC.presence(of: finding)].compactMap { $0 }
        self.init(code: code, valueCodeableConcept: LOINC.present)
    }
}
