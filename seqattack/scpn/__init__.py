"""SCPN: paraphrases of a given syntactic form (Iyyer et al., 2018; paper, section 3.1.4)."""
