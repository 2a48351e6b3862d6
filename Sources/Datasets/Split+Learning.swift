import Randomness

extension Split {
    /// A few images of each class to learn from, and the images that may judge what was learned.
    public struct Learning: Sendable, Equatable {
        /// Positions to learn from, in rising order.
        public let learning: [Int]
        /// Positions held back, in rising order: none shares a duplicate group or a patient with `learning`.
        public let heldBack: [Int]
    }

    /// Takes `perClass` images of each class, evenly spaced over the file numbers so that they are of many samples.
    ///
    /// A class of fewer than twice as many images gives half of them. What shares a duplicate group or a patient with an
    /// image that is learned from is in neither part.
    ///
    /// - Parameters:
    ///   - perClass: At least 2.
    ///   - seed: Turns where the spacing begins.
    /// - Throws: `DatasetError` `impossibleSplit` when one part would be empty.
    public static func learning(perClass: Int, of dataset: Dataset, seed: UInt64) throws -> Learning {
        guard perClass >= 2 else {
            throw DatasetError(.impossibleSplit, "\(perClass) images a class are too few to learn from; take 2 or more")
        }
        let items = dataset.items
        var random = SplitMix64(seed: seed)
        var learning: [Int] = []
        for positions in byClass(items, among: Array(items.indices)) where !positions.isEmpty {
            let count = min(perClass, positions.count / 2)
            let turn = random.nextUnit()
            for number in 0..<count {
                let place = (Double(number) + turn) * Double(positions.count) / Double(count)
                learning.append(positions[min(positions.count - 1, Int(place))])
            }
        }
        let groups = Set(learning.map { items[$0].group })
        let patients = Set(learning.compactMap { items[$0].patient })
        let heldBack = items.indices.filter { position in
            let item = items[position]
            return !groups.contains(item.group) && !(item.patient.map(patients.contains) ?? false)
        }
        guard !learning.isEmpty, !heldBack.isEmpty else {
            throw DatasetError(
                .impossibleSplit,
                "of \(items.count) images \(learning.count) would be learnt from and \(heldBack.count) held back; "
                    + "more images, of other patients, are needed")
        }
        return Learning(learning: learning.sorted(), heldBack: heldBack)
    }
}
