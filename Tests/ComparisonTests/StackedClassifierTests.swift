import Comparison
import Testing

@Suite struct StackedClassifierTests {
    @Test func `groups stay whole, and every part has images of every class`() {
        let labels = (0..<120).map { $0 / 3 % 4 }
        let groups = (0..<120).map { "\($0 / 3)" }
        let parts = StackedClassifier.parts(labels: labels, groups: groups, count: 5, seed: 3)
        #expect(Set(parts) == Set(0..<5))
        for start in stride(from: 0, to: 120, by: 3) { #expect(Set(parts[start..<start + 3]).count == 1) }
        for part in 0..<5 {
            #expect(Set(zip(parts, labels).filter { $0.0 == part }.map(\.1)) == Set(0..<4))
        }
        #expect(StackedClassifier.parts(labels: labels, groups: groups, count: 5, seed: 3) == parts)
        #expect(StackedClassifier.parts(labels: labels, groups: groups, count: 5, seed: 4) != parts)
    }
}
