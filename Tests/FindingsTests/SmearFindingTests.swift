import Findings
import Testing
import Wording

@Suite struct SmearFindingTests {
    @Test func `every code is plain, and every group has findings`() {
        for finding in SmearFinding.allCases {
            #expect(finding.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(finding)")
        }
        for group in SmearFinding.Group.allCases {
            #expect(SmearFinding.allCases.contains { $0.group == group }, "\(group)")
        }
        #expect(SmearFinding(rawValue: "no-such-code") == nil)
    }

    @Test func `findings come in the order of the list, each once`() {
        #expect(
            SmearFinding.ordered([.stainArtefact, .macrocytes, .filaria, .macrocytes])
                == [.macrocytes, .filaria, .stainArtefact])
        #expect(SmearFinding.ordered([]) == [])
    }

    @Test(arguments: ["en", "hi", "ta"])
    func `every finding has a name of its own, which holds nothing that parts names`(language: String) throws {
        let text = try TextCatalogue(language: language)
        let names = try SmearFinding.allCases.map {
            try #require(text.find("readings.findings.\($0.rawValue)"), "\(language): \($0)")
        }
        #expect(Set(names).count == names.count)
        #expect(!names.contains { $0.contains { ",;\n".contains($0) } })
        for group in SmearFinding.Group.allCases {
            #expect(text.find("readings.findingGroups.\(group.rawValue)") != nil, "\(language): \(group)")
        }
    }
}
