"""Where the postcodes of one country are, by its towns and by one another (postcode_towns.py tells how)."""

from collections import Counter, defaultdict

from postcode_towns import (ABOUT_KILOMETRES, AGREEING, CITY, FAR_KILOMETRES, FEWEST, GATHERED_KILOMETRES, NEAR_KILOMETRES,
                            SPREADS, Neighbours, beginnings, kilometres, readings)


def regions(states, choices):
    """Which of GeoNames' regions each state of the list is, as most localities that can be one town only have it."""
    votes = defaultdict(Counter)
    for code, state in states.items():
        if state and len(choices[code]) == 1:
            votes[state][choices[code][0][4]] += 1
    most = {state: (*count.most_common(1)[0], count.total()) for state, count in votes.items()}
    return {state: region for state, (region, votes, total) in most.items() if total > FEWEST and votes >= AGREEING * total}


def near_one(choices, around):
    """The town by the first reading of a name that has one near the neighbours of its code."""
    for choice in choices:
        if around is None:
            # Nothing to compare with: only a name of one town will do.
            near = choice if len(choice) == 1 else []
        else:
            centre, spread, _ = around
            near = [town for town in choice if kilometres(centre, town[1:3]) <= max(NEAR_KILOMETRES, SPREADS * spread)]
            is_gathered = spread <= GATHERED_KILOMETRES
            near.sort(key=lambda town: kilometres(centre, town[1:3]) if is_gathered else -town[3])
        if near:
            return near[0]
    return None


def believed(localities, around):
    """The most populous town that the localities of a code mean; None where none is near the code's neighbours.

    `localities` has for each locality the towns by each reading of its name, `around` the middle of the neighbours and
    their distances from it, None where there are none.
    """
    found = [town for town in (near_one(choices, around) for choices in localities) if town]
    return max(found, key=lambda town: town[3], default=None)


def gathered(points):
    """The positions of a list without those that are far from the codes beside them: a quarter of Athens lies in Patras."""
    neighbours = Neighbours(points)
    near = {code: neighbours.close(code) for code in points}
    return {code: point for code, point in points.items()
            if not near[code] or kilometres(near[code][0], point) <= max(FAR_KILOMETRES, 2 * SPREADS * near[code][1])}


class Country:
    """The postcodes of a country.

    `localities` has the names of each code, `states` its state, `points` the positions that are known.
    """

    def __init__(self, localities, states, points, towns):
        self.localities, self.states, self.towns = localities, states, towns
        self.points = points = gathered(points)
        first = {code: next((choice for name in names for choice in towns.called(name)), [])
                 for code, names in localities.items()}
        self.regions = regions(states, first)
        self.choices = {code: self.called(code, readings) for code in localities if code not in points}
        only = {code: self.within(code, first[code]) for code in self.choices}
        self.known = {**points, **{code: choice[0][1:3] for code, choice in only.items() if len(choice) == 1}}

    def within(self, code, choice):
        """The towns of a choice that lie in the code's region, where that is known."""
        region = self.regions.get(self.states.get(code))
        return [town for town in choice if region is None or town[4] == region]

    def called(self, code, names):
        return [[self.within(code, choice) for choice in self.towns.called(name, names)] for name in self.localities[code]]

    def located(self):
        """For each code that has a place (latitude, longitude, label, exactness): `point` as the list says, `town` by the
        name, `about` by the beginning of a longer name or by its neighbours."""
        for _ in range(2):
            # Once more with what the first round corrected.
            neighbours = Neighbours(self.known)
            meant = {code: believed(choices, neighbours.around(code)) for code, choices in self.choices.items()}
            self.known = {**self.points, **{code: town[1:3] for code, town in meant.items() if town}}
        neighbours = Neighbours(self.known)
        around = {code: neighbours.close(code) for code in self.choices if code not in self.known}
        begun = {code: believed(self.called(code, beginnings), near) for code, near in around.items()}
        begun = {code: town[1:3] for code, town in begun.items() if town and (around[code] or town[3] >= CITY)}
        neighbours = Neighbours({**self.known, **begun})
        places = {}
        for code, names in self.localities.items():
            label = names[0] if names else ""
            if code in self.points:
                places[code] = (*self.points[code], label, "point")
            elif meant[code]:
                places[code] = (*meant[code][1:3], meant[code][0], "town")
            elif code in begun:
                places[code] = (*begun[code], label, "about")
            else:
                near = neighbours.close(code)
                if near and near[2] <= ABOUT_KILOMETRES:
                    places[code] = (*near[0], label, "about")
        return places
