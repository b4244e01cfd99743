"""QL Mat: guides pressure, pace and routine of self-massage with a ball on a pressure-sensing mat.

`qlmat.core` holds what must be true of the practice; everything else brings values to it and takes values from it.
"""
