import Tensors

/// Where in the image the evidence for a class lies: B. Zhou et al., Learning Deep Features for Discriminative
/// Localization, CVPR 2016, equation 2.
public enum ClassActivationMap {
    /// M_c(x, y) = Σ_k w_ck f_k(x, y), its negative part cut off, scaled so that its maximum is 1.
    ///
    /// - Parameters:
    ///   - featureMap: `[channels, height, width]`.
    ///   - width: Cells.
    ///   - height: Cells.
    ///   - classifierWeight: `[classes, channels]`.
    ///   - classIndex: The row of `classifierWeight`.
    /// - Returns: `[height, width]`, 0 to 1; all 0 when nothing speaks for the class.
    /// - Precondition: The counts fit each other, and the class exists.
    public static func compute(
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
        let greatest = map.max() ?? 0
        guard greatest > 0 else { return [Float](repeating: 0, count: area) }
        return map.map { max(0, $0) / greatest }
    }
}
