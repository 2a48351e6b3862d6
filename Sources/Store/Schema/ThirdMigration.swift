extension Migration {
    /// Postcodes.
    static let third = Migration(number: 3, tables: [postcodes, postcodeEditions], statements: [])

    /// `edition` is that of the file which a row came from. The other columns are those of `Postcode`.
    private static let postcodes = TableDefinition(
        "postcodes", isClustered: true,
        [
            "code {name} NOT NULL", "country_code {name} NOT NULL", "ending {name} NOT NULL",
            "latitude {real} NOT NULL", "longitude {real} NOT NULL", "exactness {name} NOT NULL",
            "label {line} NOT NULL", "edition {int} NOT NULL", "PRIMARY KEY (code, country_code)",
        ])

    /// The edition that was stored to its end.
    private static let postcodeEditions = TableDefinition(
        "postcode_editions", ["edition {int} NOT NULL PRIMARY KEY", "loaded_at {int} NOT NULL"])
}
