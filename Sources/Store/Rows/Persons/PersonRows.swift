import Clinic
import Foundation

extension SQLTransaction {
    private static let columns = """
        id, case_id, birth_year, age_years, sex, haemoglobin, white_cells, platelets, blast_percentage, updated_at, \
        sample_namespace, sample_value
        """

    func store(_ person: Person) throws {
        try deletePerson(of: person.caseID)
        let (facts, counts) = (person.facts, person.facts.counts)
        try connection.execute(
            "INSERT INTO persons (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", person.id.text,
            person.caseID.text, facts.birthYear, facts.ageYears, facts.sex?.rawValue, counts.haemoglobin,
            counts.whiteCells, counts.platelets, counts.blastPercentage, person.updatedAt, facts.sample?.namespace,
            facts.sample?.value)
        for (position, identifier) in facts.identifiers.enumerated() {
            try connection.execute(
                "INSERT INTO person_identifiers (person_id, position, namespace, value) VALUES (?, ?, ?, ?)",
                person.id.text, position, identifier.namespace, identifier.value)
        }
    }

    func person(of smearCase: CaseID) throws -> Person? {
        guard
            let row = try connection.first("SELECT \(Self.columns) FROM persons WHERE case_id = ?", smearCase.text)
        else { return nil }
        let id: PersonID = try row["id"]
        let identifiers = try connection.query(
            "SELECT namespace, value FROM person_identifiers WHERE person_id = ? ORDER BY position", id.text
        ).map { try PersonIdentifier(namespace: $0["namespace"], value: $0["value"]) }
        let sample: String? = try row["sample_value"]
        return try Person(
            id: id, caseID: row["case_id"],
            facts: Person.Facts(
                identifiers: identifiers,
                sample: sample.map { PersonIdentifier(namespace: try row["sample_namespace"], value: $0) },
                birthYear: row["birth_year"], ageYears: row["age_years"], sex: row["sex"],
                counts: BloodCounts(
                    haemoglobin: row["haemoglobin"], whiteCells: row["white_cells"], platelets: row["platelets"],
                    blastPercentage: row["blast_percentage"])),
            updatedAt: row["updated_at"])
    }

    func deletePerson(of smearCase: CaseID) throws {
        try connection.execute("DELETE FROM persons WHERE case_id = ?", smearCase.text)
    }
}
