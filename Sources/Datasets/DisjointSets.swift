/// Union-find with path halving and union by size (Tarjan and van Leeuwen 1984, J. ACM 31, 245).
struct DisjointSets {
    private var parents: [Int]
    private var sizes: [Int]

    init(count: Int) {
        parents = Array(0..<count)
        sizes = [Int](repeating: 1, count: count)
    }

    mutating func representative(of element: Int) -> Int {
        var element = element
        while parents[element] != element {
            parents[element] = parents[parents[element]]
            element = parents[element]
        }
        return element
    }

    mutating func unite(_ first: Int, _ second: Int) {
        let one = representative(of: first), other = representative(of: second)
        guard one != other else { return }
        let (large, small) = sizes[one] >= sizes[other] ? (one, other) : (other, one)
        parents[small] = large
        sizes[large] += sizes[small]
    }

    /// The set of each element, numbered from 0 in the order of first appearance.
    mutating func numbers() -> [Int] {
        var numbers: [Int: Int] = [:]
        return parents.indices.map { element in
            let root = representative(of: element)
            let number = numbers[root] ?? numbers.count
            numbers[root] = number
            return number
        }
    }
}
