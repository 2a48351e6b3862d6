import Evaluation
import Findings
import Foundation
import Imaging
import Tensors

/// How much of the class-activation map lies on nuclei, against the share of the image that they cover, and what is left
/// of the answer when the nuclei are painted over.
struct AttentionAudit {
    let images: AuditImages
    let temperature: Double

    /// One image.
    struct Measurement: Sendable {
        /// Of the map, on nuclei; of the image, covered by nuclei; 0 to 1.
        let mapShare: Double
        let areaShare: Double
        /// The map's share if each of its cells held the share of nuclei in it.
        let attainableShare: Double
        /// nil where there is no other place as large.
        var erasure: Erasure?
    }

    /// The probability of the class, and whether it is still the answer.
    struct Erasure: Sendable {
        let before: Double
        let withoutNuclei: Double
        let withoutOther: Double
        let isKeptWithoutNuclei: Bool
        let isKeptWithoutOther: Bool
    }

    /// A measured image with what is to be asked about it.
    private struct Examined: Sendable {
        let index: Int
        var measurement: Measurement
        let before: Double
        let painted: PaintedNuclei?
    }

    /// Measures the malignant images that the network answers rightly.
    /// - Returns: One an image, nil where no nucleus or no evidence was found.
    func measure(_ network: TrainableNetwork, test: [Int], progress: (_ done: Int, _ total: Int) -> Void) throws
        -> [Measurement?]
    {
        let malignant = test.filter { SmearClass.isMalignant(images.items[$0].label) }
        var found: [Measurement?] = []
        for (number, run) in AuditImages.runs(malignant).enumerated() {
            let maps = try ActivationMaps(network, batch: images.batch(run))
            let right = Array(run.indices.filter { maps.predicted[$0 - run.startIndex] == images.items[run[$0]].label })
            let examined = try AuditImages.concurrently(right) { place in
                let (row, index) = (place - run.startIndex, run[place])
                let label = images.items[index].label
                return try examine(
                    index, map: maps.map(row, classIndex: label),
                    before: TemperatureScaling.softmax(maps.logits[row], temperature: temperature)[label])
            }
            found += examined.map { $0?.measurement }.filter { $0 == nil }
            found += try erased(network, examined.compactMap(\.self))
            progress(number * AuditImages.batchSize + run.count, malignant.count)
        }
        return found
    }

    private func examine(_ index: Int, map: ActivationMap, before: Double) throws -> Examined? {
        let (width, height) = (images.preprocessing.outputWidth, images.preprocessing.outputHeight)
        let mask = try CellSegmentation.find(in: images.photograph(index)).nucleusMask(width: width, height: height)
        let covered = mask.count { $0 }
        let enlarged = map.enlarged(width: width, height: height)
        guard covered > 0, enlarged.contains(where: { $0 > 0 }) else { return nil }
        var cells = [Float](repeating: 0, count: map.values.count)
        for (place, isNucleus) in mask.enumerated() where isNucleus {
            cells[place / width * map.height / height * map.width + place % width * map.width / width] += 1
        }
        let ideal = ActivationMap(values: cells, width: map.width, height: map.height)
        let measurement = Measurement(
            mapShare: Self.share(of: enlarged, on: mask), areaShare: Double(covered) / Double(mask.count),
            attainableShare: Self.share(of: ideal.enlarged(width: width, height: height), on: mask))
        return Examined(
            index: index, measurement: measurement, before: before,
            painted: try PaintedNuclei(images.image(index), nuclei: mask))
    }

    /// The measurements with what the network says to the painted images.
    private func erased(_ network: TrainableNetwork, _ examined: [Examined]) throws -> [Measurement] {
        let asked = examined.compactMap { image in image.painted.map { (index: image.index, painted: $0) } }
        guard !asked.isEmpty else { return examined.map(\.measurement) }
        let labels = asked.map { images.items[$0.index].label }
        func answers(_ pictures: [RGBImage]) throws -> [[Double]] {
            try network.forward(images.batch(pictures, labels: labels)).logits.rows.map {
                TemperatureScaling.softmax($0, temperature: temperature)
            }
        }
        let without = try answers(asked.map(\.painted.withoutNuclei))
        let other = try answers(asked.map(\.painted.withoutOther))
        var row = 0
        return examined.map { image in
            var measurement = image.measurement
            guard image.painted != nil else { return measurement }
            let label = labels[row]
            measurement.erasure = Erasure(
                before: image.before, withoutNuclei: without[row][label], withoutOther: other[row][label],
                isKeptWithoutNuclei: without[row][label] == without[row].max(),
                isKeptWithoutOther: other[row][label] == other[row].max())
            row += 1
            return measurement
        }
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
