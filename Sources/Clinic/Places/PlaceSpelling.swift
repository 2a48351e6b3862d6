/// Whether a name is nearly what somebody wrote, and how to find such names in an index.
///
/// Names are compared folded: lower case, without accents, words with one space between. Only names in the letters a–z
/// are compared; other scripts are found by their beginning alone.
///
/// Everything within the edits that are allowed is found by two keys of a name, its first and its last three letters:
/// - With one edit, the name's first three letters are those of what was written with at most one edit in its first four.
/// - With two edits, either at most one of them is within the first four letters, and the same holds; or both are, and
///   then the last three letters are as written, since eight letters or more were.
///
/// An edit puts in, takes out or changes a letter, or swaps two neighbours (Damerau, CACM 7 (1964), 171–176).
public enum PlaceSpelling {
    /// What is compared at most, in letters.
    public static let longest = 60

    /// How many edits a name may be away: none for up to three letters, 1 for 4 to 7, 2 from 8 on.
    public static func allowedEdits(letters: Int) -> Int { letters < 4 ? 0 : letters < 8 ? 1 : 2 }

    /// The letters of a folded name, spaces too.
    ///
    /// - Returns: Nil for names in other letters, and for those with fewer than three or more than `longest`.
    public static func letters(_ folded: String) -> [UInt8]? {
        let letters = Array(folded.utf8)
        guard (3...longest).contains(letters.count), letters.allSatisfy(isLetter) else { return nil }
        return letters
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 32
    }

    /// The key of a name by its beginning: its first three letters.
    public static func head(_ letters: [UInt8]) -> String { text(letters.prefix(3)) }

    /// The key of a name by its end: its last three letters.
    public static func tail(_ letters: [UInt8]) -> String { text(letters.suffix(3)) }

    /// Every `head` that a name may have which begins nearly as was written, sorted; a digit that was left out or is
    /// wrong is not thought of.
    public static func heads(nearly letters: [UInt8]) -> [String] {
        let start = Array(letters.prefix(4))
        let alphabet = Array(UInt8(97)...122) + [32]
        var found: Set<String> = [head(start)]
        func add(_ variant: [UInt8]) { if variant.count >= 3 { found.insert(head(variant)) } }
        for place in start.indices {
            var shorter = start
            shorter.remove(at: place)
            add(shorter)
            if place + 1 < start.count {
                var swapped = start
                swapped.swapAt(place, place + 1)
                add(swapped)
            }
            for letter in alphabet {
                var changed = start
                changed[place] = letter
                add(changed)
                add(start[..<place] + [letter] + start[place...])
            }
        }
        return found.sorted()
    }

    /// The fewest edits from one to the other, no part being edited twice (optimal string alignment: Boytsov, ACM JEA 16
    /// (2011), 1.1).
    ///
    /// - Returns: Nil when they are more than `limit`.
    public static func distance(_ first: [UInt8], _ second: [UInt8], limit: Int) -> Int? {
        guard abs(first.count - second.count) <= limit else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in first.indices {
            var current = [row + 1]
            current.reserveCapacity(second.count + 1)
            for column in second.indices {
                let isSame = first[row] == second[column]
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            // A swap reaches back over two rows.
            guard min(current.min() ?? 0, last.min() ?? 0) <= limit else { return nil }
            (beforeLast, last) = (last, current)
        }
        return last[second.count] <= limit ? last[second.count] : nil
    }

    private static func text(_ letters: some Collection<UInt8>) -> String { String(decoding: letters, as: UTF8.self) }
}
