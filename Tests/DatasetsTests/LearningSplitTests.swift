import Datasets
import Testing

@Suite struct LearningSplitTests {
    @Test(arguments: [2, 3, 5])
    func `takes so many of each class, and holds back what shares neither group nor patient`(perClass: Int) throws {
        let dataset = SplitTests.dataset(patients: true)
        let split = try Split.learning(perClass: perClass, of: dataset, seed: 4)
        let items = dataset.items
        let counts = Dictionary(split.learning.map { (items[$0].label, 1) }, uniquingKeysWith: +)
        #expect(counts == [0: perClass, 1: perClass, 2: perClass, 3: perClass])
        #expect(Set(split.learning).count == split.learning.count)
        let groups = Set(split.learning.map { items[$0].group })
        let patients = Set(split.learning.map { items[$0].patient })
        for position in split.heldBack {
            #expect(!groups.contains(items[position].group) && !patients.contains(items[position].patient))
        }
        #expect(try Split.learning(perClass: perClass, of: dataset, seed: 4) == split)
        #expect(try Split.learning(perClass: perClass, of: dataset, seed: 5) != split)
    }

    @Test func `a small class gives half of its images`() throws {
        var dataset = SplitTests.dataset()
        dataset.manifest.entries.removeAll { $0.label == 2 }
        dataset.manifest.entries.removeSubrange(6..<50)
        let split = try Split.learning(perClass: 16, of: dataset, seed: 1)
        let counts = Dictionary(split.learning.map { (dataset.items[$0].label, 1) }, uniquingKeysWith: +)
        #expect(counts == [0: 3, 1: 16, 3: 16])
    }

    @Test func `one patient cannot be learnt from and held back`() throws {
        var dataset = SplitTests.dataset(patients: true)
        for position in 0..<200 { dataset.manifest.entries[position].patient = "one" }
        let error = #expect(throws: DatasetError.self) {
            try Split.learning(perClass: 4, of: dataset, seed: 1)
        }
        #expect(error?.code == .impossibleSplit)
        #expect(throws: DatasetError.self) { try Split.learning(perClass: 1, of: dataset, seed: 1) }
    }
}
