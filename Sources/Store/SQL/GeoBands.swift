import Clinic

/// Points on the Earth as a clustered table keeps them: by bands of a tenth of a degree of latitude (11 km), and from
/// west to east within a band. A box is a range of the key in each of its bands.
enum GeoBands {
    /// Boxes of more bands than this are read as one range over all longitudes.
    private static let bandLimit = 1024

    /// −900 … 900, from south to north.
    static func band(of latitude: Double) -> Int64 {
        latitude.isFinite ? Int64((min(max(latitude, -90), 90) * 10).rounded(.down)) : 0
    }

    /// The condition on `band`, `longitude` and `latitude` that holds within a box, its edges too.
    static func condition(_ box: GeoBox) -> (sql: String, values: [SQLValue]) {
        let (south, north) = (band(of: box.south), band(of: box.north))
        guard south <= north, box.west <= box.east else { return ("1 = 0", []) }
        var condition = "band BETWEEN ? AND ?"
        var values: [SQLValue] = [.integer(south), .integer(north)]
        if north - south < Int64(bandLimit) {
            let list = InList((south...north).map(SQLValue.integer))
            (condition, values) = ("band IN \(list.sql)", list.values)
        }
        let edges: [SQLValue] = [.real(box.west), .real(box.east), .real(box.south), .real(box.north)]
        return (condition + " AND longitude BETWEEN ? AND ? AND latitude BETWEEN ? AND ?", values + edges)
    }
}
