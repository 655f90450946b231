"""A person's copy: everything the declarations lead to, as data, as a page and as pictures, in one file that can be read back."""

from privacy.internal.copying.handing import prepare_copy
from privacy.internal.copying.packing import file_name, stream

__all__ = ["file_name", "prepare_copy", "stream"]
