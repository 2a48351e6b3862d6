/// What was found out about an image file, and done about it, that whoever sent it may want to know; in no language.
///
/// The sentence is made when it is shown (`message`). Rows hold the names of the cases and of their facts; neither may
/// change.
public enum ImageNote: Sendable, Hashable, Codable {
    /// Of several pages the largest full one is read; pages are counted from 1.
    case pages(count: Int, shown: Int)
    /// The pages are channels, planes or times of a microscope's stack, of which one page is read.
    case stack(StackForm, pages: Int, channels: Int)
    /// Of several pictures in one file the main one is read.
    case pictures(count: Int)
    /// Of an animation the picture for programs that show none is read.
    case animation
    /// Samples beside the colours, without a meaning, were left out.
    case samplesDropped(count: Int)
    /// Samples of 16 bits use the lower `bits` alone, and are read as such.
    case fewerBits(bits: Int)
    /// The colours were turned into sRGB by the file's own profile.
    case coloursConverted
    /// The file's colour profile cannot be used; its colours are taken for sRGB.
    case profileIgnored(ProfileFault)
    /// The field in the bright circle of an eyepiece is what was looked at, its light evened out.
    case eyepiece
    /// The mark at the end of the file is missing, and the image is whole.
    case endMissing

    /// Who writes stacks of pages.
    public enum StackForm: String, Sendable, Hashable, Codable, CaseIterable {
        case ome, imageJ
    }

    /// Why a colour profile is not used.
    public enum ProfileFault: String, Sendable, Hashable, Codable, CaseIterable {
        /// It contradicts itself.
        case damaged
        /// A part of it is missing.
        case incomplete
        /// It is of other colours than red, green and blue, such as grey or printing inks.
        case notRGB
        /// Its curve is one of film with a high dynamic range.
        case unknownCurve
    }

    /// The sentence, for the catalogue.
    public var message: Message {
        switch self {
        case .pages(let count, let shown):
            Message("imageNotes.pages", ["count": .count(count), "shown": .count(shown)])
        case .stack(let form, let pages, let channels):
            Message(
                "imageNotes.stack",
                [
                    "form": .term("imageNotes.forms.\(form.rawValue)"), "pages": .count(pages),
                    "channels": .count(channels),
                ])
        case .pictures(let count): Message("imageNotes.pictures", ["count": .count(count)])
        case .animation: Message("imageNotes.animation")
        case .samplesDropped(let count): Message("imageNotes.samplesDropped", ["count": .count(count)])
        case .fewerBits(let bits): Message("imageNotes.fewerBits", ["bits": .count(bits)])
        case .coloursConverted: Message("imageNotes.coloursConverted")
        case .profileIgnored(let fault):
            Message("imageNotes.profileIgnored", ["fault": .term("imageNotes.faults.\(fault.rawValue)")])
        case .eyepiece: Message("imageNotes.eyepiece")
        case .endMissing: Message("imageNotes.endMissing")
        }
    }
}
