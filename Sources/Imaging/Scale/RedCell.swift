/// The red cell as the unit of length.
///
/// Its diameter is counted as people draw boxes around it: the mean side of the box, √(width · height). Boxes are drawn a
/// little outside of the cell; over three sets they are 1.10 to 1.16 times as wide as the steepest edge of its outline.
public enum RedCell {
    /// Side of a drawn box over the distance from edge to edge, from the half of the images that limits were chosen on.
    public static let boxPerEdge = 1.12

    /// Diameter of a red cell from edge to edge, in micrometres: a convention, and so every length made with it is "about".
    /// Diez-Silva et al. 2010 (MRS Bulletin 35, 382) give 7.5 to 8.7; people differ by 10 to 20 %.
    public static let edgeMicrometres = 7.5
}
