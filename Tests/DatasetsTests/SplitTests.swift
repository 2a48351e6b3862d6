import Datasets
import Foundation
import Testing

@Suite struct SplitTests {
    /// 4 classes of 50 images; every third image repeats the group of an image further on, some across blocks.
    static func dataset(patients: Bool = false, series: Bool = false) -> Dataset {
        let entries = (0..<200).map { position in
            Manifest.Entry(
                file: "c/\(position % 50 + 1).png", label: position / 50, sha256: String(repeating: "0", count: 64),
                bytes: 1, width: 64, height: 64, source: "", patient: patients ? "p\(position / 7)" : nil,
                series: series ? ["a", "b", "c"][position % 3] : nil,
                group: position % 3 == 0 ? position * 7 % 40 : 1000 + position)
        }
        return Dataset(folder: URL(fileURLWithPath: "/"), manifest: Manifest(entries: entries))
    }

    @Test(arguments: SplitMethod.allCases.filter { $0 != .runs }, [2, 3, 5])
    func `a group never straddles and every image is in one fold`(method: SplitMethod, count: Int) throws {
        let dataset = Self.dataset(patients: true, series: true)
        let folds = try Split.folds(of: dataset, method: method, count: count, seed: 3)
        #expect(folds.flatMap { $0 }.sorted() == Array(0..<200))
        var foldOfGroup: [Int: Int] = [:]
        for (fold, positions) in folds.enumerated() {
            for position in positions {
                let group = dataset.items[position].group
                #expect(foldOfGroup[group, default: fold] == fold)
                foldOfGroup[group] = fold
            }
        }
    }

    @Test func `patients stay whole`() throws {
        let dataset = Self.dataset(patients: true)
        let folds = try Split.folds(of: dataset, method: .patients, count: 3)
        let patients = folds.map { Set($0.compactMap { dataset.items[$0].patient }) }
        #expect(patients[0].isDisjoint(with: patients[1]))
        #expect(patients[0].isDisjoint(with: patients[2]))
        #expect(patients[1].isDisjoint(with: patients[2]))
    }

    @Test func `blocks are contiguous where no group forbids it`() throws {
        var dataset = Self.dataset()
        for position in 0..<200 { dataset.manifest.entries[position].group = position }
        let folds = try Split.folds(of: dataset, method: .blocks, count: 5)
        #expect(folds[0] == [0, 50, 100, 150].flatMap { Array($0..<($0 + 10)) })
        #expect(folds[4] == [40, 90, 140, 190].flatMap { Array($0..<($0 + 10)) })
    }

    @Test func `random is stratified and depends on the seed alone`() throws {
        let dataset = Self.dataset()
        let first = try Split.folds(of: dataset, method: .random, count: 5, seed: 1)
        #expect(try Split.folds(of: dataset, method: .random, count: 5, seed: 1) == first)
        #expect(try Split.folds(of: dataset, method: .random, count: 5, seed: 2) != first)
        for fold in first { #expect(abs(fold.count - 40) <= 8) }
    }

    @Test(arguments: [0.1, 0.2, 0.4], [UInt64(0), 1, 2])
    func `validation stays inside the training part`(fraction: Double, seed: UInt64) throws {
        let dataset = Self.dataset()
        let test = try Split.folds(of: dataset, method: .blocks)[1]
        let training = Split.training(without: test, of: dataset)
        let chosen = try Split.validation(of: training, in: dataset, fraction: fraction, seed: seed)
        #expect(Set(chosen).isSubset(of: Set(training)))
        let rest = Set(training).subtracting(chosen)
        #expect(Set(chosen.map { dataset.items[$0].group }).isDisjoint(with: rest.map { dataset.items[$0].group }))
        #expect(abs(Double(chosen.count) / Double(training.count) - fraction) < 0.12)
        #expect(Set(chosen.map { dataset.items[$0].label }) == [0, 1, 2, 3])
    }

    @Test(arguments: [SplitMethod.patients, .series, .runs])
    func `impossible splits are refused`(method: SplitMethod) {
        #expect(throws: DatasetError.self) { try Split.folds(of: Self.dataset(), method: method) }
    }

    @Test(arguments: [-1, 0, 1, 1000])
    func `impossible numbers of folds are refused`(count: Int) {
        #expect(throws: DatasetError.self) { try Split.folds(of: Self.dataset(), method: .blocks, count: count) }
    }
}
