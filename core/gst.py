"""India's goods and services tax: states and numbers, as papers must have them. Nothing here knows Django."""

import re

# The first two digits of a GSTIN, and the place of supply.
STATES = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman and Nicobar Islands",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
}
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PAN = re.compile(r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]")
GSTIN = re.compile(rf"[0-9]{{2}}{PAN.pattern}[1-9A-Z]Z[0-9A-Z]")
PERCENT = 18  # within the price, which is what an owner pays


def check_digit(gstin: str) -> str:
    """Return the last letter of a GSTIN, by its first fourteen: a checksum to the base of 36."""
    total = 0
    for place, letter in enumerate(gstin[:14]):
        product = LETTERS.index(letter) * (1 + place % 2)
        total += product // 36 + product % 36
    return LETTERS[-total % 36]


def hidden_pan(pan: str) -> str:
    """Return a PAN for whoever only has to recognise it: ••••••234F."""
    return f"{'•' * (len(pan) - 4)}{pan[-4:]}"


def complaint_about_gstin(gstin: str, *, state: str, pan: str) -> str:
    """Return what is wrong with a GSTIN in a sentence; empty: nothing.

    :param state: the code of the state that its holder gives, or empty
    :param pan: the PAN that its holder gives, or empty
    """
    if not GSTIN.fullmatch(gstin):
        return "A GSTIN has 15 characters: two digits of the state, the PAN, a character, Z and a check digit."
    if gstin[-1] != check_digit(gstin):
        return "This GSTIN is mistyped somewhere: its last character, a check digit, does not fit the others."
    if gstin[:2] not in STATES:
        return f"A GSTIN begins with the code of a state, and {gstin[:2]} is none."
    if state and gstin[:2] != state:
        return f"This GSTIN is of {STATES[gstin[:2]]}, and the state is {STATES[state]}."
    if pan and gstin[2:12] != pan:
        return "This GSTIN belongs to another PAN than the one given."
    return ""


def tax_within(amount_paise: int, *, is_split: bool) -> int:
    """Return the tax within a gross amount, rounded half up to the paisa.

    :param is_split: into central and state tax, which are the same: each half is rounded by itself
    """
    parts = 2 if is_split else 1
    share = PERCENT // parts
    return parts * ((2 * amount_paise * share + 100 + PERCENT) // (2 * (100 + PERCENT)))
