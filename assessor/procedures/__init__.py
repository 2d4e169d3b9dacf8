"""The procedures: one module per question of the rule, named after its section."""
