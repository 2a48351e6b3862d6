import Findings
import Testing

@Suite struct SmearClassTests {
    @Test func `places, keys and names in text agree`() {
        #expect(SmearClass.keys == ["benign", "early-pre-b", "pre-b", "pro-b"])
        #expect(SmearClass.allCases.map(\.index) == [0, 1, 2, 3])
        #expect(SmearClass.allCases.map { SmearClass(index: $0.index) } == SmearClass.allCases)
        #expect(SmearClass(index: 4) == nil && SmearClass(index: -1) == nil)
        #expect("classes.\(SmearClass.earlyPreB).name" == "classes.early-pre-b.name")
        #expect(SmearClass.allCases.filter(\.isMalignant) == [.earlyPreB, .preB, .proB])
    }

    @Test func `a finding names its class only where it is reported`() {
        for decision in Decision.allCases {
            let finding = Finding(decision: decision, label: .proB, confidence: 0.9)
            #expect(finding.reported == (decision == .report ? .proB : nil))
        }
    }
}
