import Tensors

/// Where in the image the evidence for a class lies: B. Zhou et al., Learning Deep Features for Discriminative
/// Localization, CVPR 2016, equation 2.
public enum ClassActivationMap {
    /// M_c(x, y) = Σ_k w_ck f_k(x, y), its negative part cut off, scaled so that its maximum is 1.
    ///
    /// - Parameters: As of `evidence`.
    /// - Returns: `[height, width]`, 0 to 1; all 0 when nothing speaks for the class.
    /// - Precondition: As of `evidence`.
    public static func compute(
        featureMap: [Float], width: Int, height: Int, classifierWeight: Tensor, classIndex: Int
    ) -> [Float] {
        scaled(
            evidence(
                featureMap: featureMap, width: width, height: height, classifierWeight: classifierWeight,
                classIndex: classIndex))
    }

    /// M_c(x, y), as the network means it: maps of several fields can be held against each other.
    ///
    /// - Parameters:
    ///   - featureMap: `[channels, height, width]`.
    ///   - width: Cells.
    ///   - height: Cells.
    ///   - classifierWeight: `[classes, channels]`.
    ///   - classIndex: The row of `classifierWeight`.
    /// - Returns: `[height, width]`, of any sign.
    /// - Precondition: The counts fit each other, and the class exists.
    public static func evidence(
        featureMap: [Float], width: Int, height: Int, classifierWeight: Tensor, classIndex: Int
    ) -> [Float] {
        precondition(classifierWeight.shape.count == 2, "classifier.weight is [classes, channels]")
        let channels = classifierWeight.shape[1]
        let area = width * height
        precondition(featureMap.count == channels * area, "feature map and classifier differ in channels")
        precondition((0..<classifierWeight.shape[0]).contains(classIndex), "no class \(classIndex)")
        var map = [Float](repeating: 0, count: area)
        for channel in 0..<channels {
            let weight = classifierWeight.values[classIndex * channels + channel]
            for cell in 0..<area { map[cell] += weight * featureMap[channel * area + cell] }
        }
        return map
    }

    /// A map with its negative part cut off and its maximum at 1; all 0 when nothing in it is above 0.
    public static func scaled(_ map: [Float]) -> [Float] {
        let greatest = map.max() ?? 0
        guard greatest > 0 else { return [Float](repeating: 0, count: map.count) }
        return map.map { max(0, $0) / greatest }
    }
}
