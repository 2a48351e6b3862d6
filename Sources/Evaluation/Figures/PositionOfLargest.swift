extension Array where Element: Comparable {
    /// Of equal ones the first; 0 of none.
    package var positionOfLargest: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
