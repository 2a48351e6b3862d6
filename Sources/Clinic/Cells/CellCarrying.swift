import Findings

/// Brings what readers said of cells over to the cells of another screening of the same image.
public enum CellCarrying {
    /// Two boxes are of one cell from here on: the area that both share by the area that they cover together.
    static let leastOverlap = 0.5

    /// Stores what the network found, in place of what it had found before. A reader's type goes to the cell that lies
    /// where the changed one lay; where none does, the change stays on record without a cell. A confirmation ends.
    ///
    /// - Throws: What the database throws.
    public static func replace(
        of screening: ScreeningID, with found: [NetworkCell], in transaction: any CellRows
    ) throws {
        let changes = try transaction.cellChanges(of: [screening])
        let numbers = numbers(of: changes, among: found)
        var types: [Int: CellType] = [:]
        for (change, number) in zip(changes, numbers) { if let number { types[number] = change.to } }
        try transaction.replaceCells(
            of: screening,
            with: found.map { SmearCell(screeningID: screening, network: $0, readerType: types[$0.number]) })
        try transaction.renumberChanges(of: screening, to: numbers)
        try transaction.endConfirmation(of: screening)
    }

    /// For each change the number of its cell among others, or nil; of two cells that could be it the better one, and no
    /// cell for two changed ones.
    static func numbers(of changes: [CellChange], among found: [NetworkCell]) -> [Int?] {
        // Changes of one cell have its number; of one that is lost, its box. The last box is where the cell lies now.
        func name(_ change: CellChange) -> String {
            change.number.map { "\($0)" } ?? "\(change.box.x) \(change.box.y) \(change.box.width) \(change.box.height)"
        }
        var boxes: [String: CellBox] = [:]
        for change in changes { boxes[name(change)] = change.box }
        var pairs: [(name: String, number: Int, overlap: Double)] = []
        for (name, box) in boxes {
            for cell in found {
                let overlap = box.overlap(with: cell.box)
                if overlap >= leastOverlap { pairs.append((name, cell.number, overlap)) }
            }
        }
        pairs.sort { ($1.overlap, $0.number, $0.name) < ($0.overlap, $1.number, $1.name) }
        var (matched, taken): ([String: Int], Set<Int>) = ([:], [])
        for pair in pairs where matched[pair.name] == nil && taken.insert(pair.number).inserted {
            matched[pair.name] = pair.number
        }
        return changes.map { matched[name($0)] }
    }
}
