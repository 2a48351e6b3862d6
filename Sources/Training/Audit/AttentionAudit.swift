import Foundation
import Imaging
import Packaging
import Tensors

/// How much of the class-activation map lies on nuclei, against the share of the image that they cover.
struct AttentionAudit {
    let images: AuditImages

    /// One image.
    struct Measurement: Sendable {
        /// Of the map, on nuclei; of the image, covered by nuclei; 0 to 1.
        let mapShare: Double
        let areaShare: Double
        /// The map's share if each of its cells held the share of nuclei in it.
        let attainableShare: Double
    }

    /// Measures the malignant images that the network answers rightly.
    /// - Returns: one an image, nil where no nucleus or no evidence was found.
    func measure(_ network: TrainableNetwork, test: [Int], progress: (_ done: Int) -> Void) throws -> [Measurement?] {
        var found: [Measurement?] = []
        for (number, run) in AuditImages.runs(test.filter { images.items[$0].label != 0 }).enumerated() {
            let maps = try ActivationMaps(network, batch: images.batch(run))
            let right = Array(run.indices.filter { maps.predicted[$0 - run.startIndex] == images.items[run[$0]].label })
            found += try AuditImages.concurrently(right) { place in
                let index = run[place]
                let map = maps.map(place - run.startIndex, classIndex: images.items[index].label)
                return try Self.measure(map, on: images.photograph(index))
            }
            progress(number * AuditImages.batchSize + run.count)
        }
        return found
    }

    /// - Parameter map: of values 0 to 1.
    static func measure(_ map: ActivationMap, on photograph: RGBImage) throws -> Measurement? {
        let (width, height) = (map.width * 32, map.height * 32)
        let mask = try CellSegmentation.find(in: photograph).nucleusMask(width: width, height: height)
        let covered = mask.count { $0 }
        let enlarged = map.enlarged(width: width, height: height)
        guard covered > 0, enlarged.contains(where: { $0 > 0 }) else { return nil }
        var cells = [Float](repeating: 0, count: map.values.count)
        for (place, isNucleus) in mask.enumerated() where isNucleus {
            cells[place / width / 32 * map.width + place % width / 32] += 1
        }
        let ideal = ActivationMap(values: cells, width: map.width, height: map.height)
        return Measurement(
            mapShare: share(of: enlarged, on: mask), areaShare: Double(covered) / Double(mask.count),
            attainableShare: share(of: ideal.enlarged(width: width, height: height), on: mask))
    }

    private static func share(of map: [Float], on mask: [Bool]) -> Double {
        var (inside, all) = (0.0, 0.0)
        for (value, isNucleus) in zip(map, mask) {
            all += Double(value)
            if isNucleus { inside += Double(value) }
        }
        return all > 0 ? inside / all : 0
    }
}

extension AuditResults.Attention {
    init(_ measurements: [AttentionAudit.Measurement?]) {
        let found = measurements.compactMap(\.self)
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
        let ratios = found.map { $0.mapShare / $0.areaShare }
        images = found.count
        withoutNuclei = measurements.count - found.count
        mapShare = mean(found.map(\.mapShare))
        areaShare = mean(found.map(\.areaShare))
        meanRatio = mean(ratios)
        medianRatio = ratios.isEmpty ? 0 : ratios.sorted()[ratios.count / 2]
        attainableRatio = mean(found.map { $0.attainableShare / $0.areaShare })
    }
}
