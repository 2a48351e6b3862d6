import Findings
import Foundation

/// One act of a reader, which may have moved many cells.
public enum CellAct {}
public typealias CellActID = Identifier<CellAct>

/// A cell was given another type by a reader. Kept for ever beside the network's type; taking it back is another one.
public struct CellChange: Sendable, Equatable {
    public let act: CellActID
    public let screeningID: ScreeningID
    /// The cell's number now; nil where a later screening found no cell there.
    public let number: Int?
    /// Where the cell lay when it was changed.
    public let box: CellBox
    public let userID: UserID
    public let at: Date
    /// What the network took it for then.
    public let networkType: CellType
    public let from: CellType
    public let to: CellType
    /// The act that this one takes back.
    public let undoes: CellActID?

    public init(
        act: CellActID, screeningID: ScreeningID, number: Int?, box: CellBox, userID: UserID, at: Date,
        networkType: CellType, from: CellType, to: CellType, undoes: CellActID? = nil
    ) {
        (self.act, self.screeningID, self.number, self.box) = (act, screeningID, number, box)
        (self.userID, self.at, self.networkType, self.from, self.to) = (userID, at, networkType, from, to)
        self.undoes = undoes
    }
}

/// A reader stands for the types of all cells of an image; gone as soon as a cell of it is changed or found anew.
public struct CellConfirmation: Sendable, Equatable {
    public let screeningID: ScreeningID
    public let userID: UserID
    public let at: Date

    public init(screeningID: ScreeningID, userID: UserID, at: Date) {
        (self.screeningID, self.userID, self.at) = (screeningID, userID, at)
    }
}

/// How often network and reader said this of cells of images that a reader confirmed.
public struct CellAgreementCount: Sendable, Equatable {
    public let modelName: String
    public let modelVersion: String
    public let network: CellType
    public let reader: CellType
    public let count: Int

    public init(modelName: String, modelVersion: String, network: CellType, reader: CellType, count: Int) {
        (self.modelName, self.modelVersion) = (modelName, modelVersion)
        (self.network, self.reader, self.count) = (network, reader, count)
    }
}

/// The cells of screened images, what readers changed, and what they stand for.
public protocol CellRows {
    /// Of several images, in the order of these and of their numbers.
    ///
    /// - Parameter isHeld: Whether they are locked until the commit.
    func cells(of screenings: [ScreeningID], isHeld: Bool) throws -> [SmearCell]
    /// Stores the cells of an image in place of all that it had; changes stay.
    func replaceCells(of screening: ScreeningID, with cells: [SmearCell]) throws
    /// Says of a changed cell which one it is now.
    ///
    /// - Parameter places: For each change of the image, oldest first, the number of its cell.
    func renumberChanges(of screening: ScreeningID, to places: [Int?]) throws
    /// Writes changes down, gives the cells their types, and ends the confirmations of their images.
    func insert(_ changes: [CellChange]) throws
    /// Oldest first, image by image.
    func cellChanges(of screenings: [ScreeningID]) throws -> [CellChange]
    /// Writes down that a reader stands for the types of an image's cells, in place of another who did.
    func confirm(_ confirmation: CellConfirmation) throws
    func endConfirmation(of screening: ScreeningID) throws
    func cellConfirmations(of screenings: [ScreeningID]) throws -> [CellConfirmation]
    /// All of them, in the order of their screenings.
    func cellConfirmations() throws -> [CellConfirmation]
    /// Of the images that a reader confirmed, by model version.
    func cellAgreement() throws -> [CellAgreementCount]
}
