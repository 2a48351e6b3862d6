extension AuditResults.Attention {
    init(_ measurements: [AttentionAudit.Measurement?]) {
        let found = measurements.compactMap(\.self)
        let ratios = found.map { $0.mapShare / $0.areaShare }
        images = found.count
        withoutNuclei = measurements.count - found.count
        mapShare = Self.mean(found.map(\.mapShare))
        areaShare = Self.mean(found.map(\.areaShare))
        meanRatio = Self.mean(ratios)
        medianRatio = ratios.isEmpty ? 0 : ratios.sorted()[ratios.count / 2]
        attainableRatio = Self.mean(found.map { $0.attainableShare / $0.areaShare })
        let erasures = found.compactMap(\.erasure)
        erasure =
            erasures.isEmpty
            ? nil
            : AuditResults.Erasure(
                images: erasures.count, probability: Self.mean(erasures.map(\.before)),
                withoutNuclei: Self.mean(erasures.map(\.withoutNuclei)),
                withoutOther: Self.mean(erasures.map(\.withoutOther)),
                keptWithoutNuclei: Self.mean(erasures.map { $0.isKeptWithoutNuclei ? 1 : 0 }),
                keptWithoutOther: Self.mean(erasures.map { $0.isKeptWithoutOther ? 1 : 0 }))
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
}
