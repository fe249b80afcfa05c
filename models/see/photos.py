"""Photos: which of them examine and which teach, fetched by name and hash, and the views that are taken of each.

They are read on the host to judge models, and no release holds them.

References
----------
Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, NeurIPS 2012 (ten views of a photo)
Szegedy et al.: Going Deeper with Convolutions, 2015, https://arxiv.org/abs/1409.4842 (views of random size and place)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL.Image import Transpose

from packing.fetch import Carrier, Fetcher, Resource

FOOLBOX = Carrier("foolbox==3.3.4", "foolbox/data")
GRADIO = Carrier("gradio==6.31.0", "gradio/media_assets/images")
GRADIO_TESTS = Carrier("gradio==6.31.0", "gradio/test_data")
IMGAUG = Carrier("imgaug==0.4.0", "imgaug")
PLENOPTIC = Carrier("plenoptic==2.1.1", "plenoptic/data")
SCIKIT_IMAGE = Carrier("scikit-image==0.26.0", "skimage/data")
SCIKIT_LEARN = Carrier("scikit-learn==1.9.1", "sklearn/datasets/images")
"""Wheels that are built for each platform hold the same photos."""

CORNER = 7 / 8
"""Of the shorter side: what the ten views show."""
SMALLEST_AREA = 0.35
"""Share of a photo's area that a view of a lesson shows at least."""
SHAPES = (3 / 4, 4 / 3)
"""The narrowest and the widest view of a lesson, as width over height."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that some package holds.

    Attributes
    ----------
    file, sha256 : str
    carrier : Carrier
    label : int, optional
        ImageNet-1k's class, where it is known.
    """

    file: str
    sha256: str
    carrier: Carrier
    label: int | None = None

    def read(self) -> Image.Image:
        """The photo in RGB; raises FetchError where it cannot be had."""
        path = Fetcher().fetch(Resource(self.file, self.sha256, (self.carrier,)))
        with Image.open(path) as opened:
            return opened.convert("RGB")


EXAMINED = (
    Photo("imagenet_00_243.jpg", "28b7b933c8028c6e20bf74a86a709eda42ce99f14c8742cb657cb386f08a4c9d", FOOLBOX, 243),
    Photo("imagenet_01_559.jpg", "5f03b0c74dff01b5b4195d0beabcae2a625a406e6917957ab9c455b5b7dea6d6", FOOLBOX, 559),
    Photo("imagenet_02_438.jpg", "ccef0734c1a65549c6cb5adb0f5d9b1c0b2e2104aba50a9e5f9202dc6d4532ed", FOOLBOX, 438),
    Photo("imagenet_03_990.jpg", "c7f0b2f1e9ee39d8f900759e8983afa2e4a2d7de090060e8bb947f6e90cace5f", FOOLBOX, 990),
    Photo("imagenet_04_949.jpg", "a7f62f3c1d214de4718c7253871ab38209283249e131faf65b8f2b7fdc970669", FOOLBOX, 949),
    Photo("imagenet_05_853.jpg", "8a449436c61da867528b1f4efaf8ae832ab9c9201705eae0d3af1353fbdac131", FOOLBOX, 853),
    Photo("imagenet_06_609.jpg", "fb061102a4e58b3ed942bb2a4f9542e1e1acdc8f225ef95498e93889290e192f", FOOLBOX, 609),
    Photo("imagenet_07_609.jpg", "2c297ad1e5c4804a647e9b34bc02ee2fc348b05a4d49050d170fb61c948efa5c", FOOLBOX, 609),
    Photo("imagenet_08_915.jpg", "c6a3411a3987799f0de45adc142f00ca412c3e14073c635e2adfae1f3913180c", FOOLBOX, 915),
    Photo("imagenet_09_455.jpg", "ace3716b60ac5843269b270e17020e4f8138440cd30ef3487f7d6e54da9745a4", FOOLBOX, 455),
    Photo("imagenet_10_541.jpg", "f325c71d9f4290ee45e99bd7ad42f4bffe513b1450ad21e7bd61c7cb137395d9", FOOLBOX, 541),
    Photo("imagenet_11_630.jpg", "892dff58fc528fe63d2df0c783aa3eca2342637798578ce01763fbc0553eda01", FOOLBOX, 630),
    Photo("imagenet_12_741.jpg", "6c256e17545b25bbf2e06cf6513ff48d049583569515ac4d4c3a52aea804a529", FOOLBOX, 741),
    Photo("imagenet_13_471.jpg", "52ed0e738b90d27afcabc3e92c81ae637f160c2d9f75b93a65211005ab5dcd81", FOOLBOX, 471),
    Photo("imagenet_14_129.jpg", "ad9371d813bf24b0365ee2f78f28c08718ee7c5975f060caa16c3f264e828139", FOOLBOX, 129),
    Photo("imagenet_15_99.jpg", "4b588649cd835d4c65521727ebee03d9621baff1f54d3e8a53a26b53d983ec2e", FOOLBOX, 99),
    Photo("imagenet_16_251.jpg", "ce3440a3b7beb6ca3009817504c44d39fa789e7c2f70a2eef7e2f9cc9a87b129", FOOLBOX, 251),
    Photo("imagenet_17_22.jpg", "b432341845620e9cfd67d848c4783c32dd6eaddad45513866b17180d2b09fcf5", FOOLBOX, 22),
    Photo("imagenet_18_317.jpg", "b9412f92f0b1c3faede45b55a44940977daa744f2040118d0538cf597fca785d", FOOLBOX, 317),
    Photo("imagenet_19_305.jpg", "e1f58f00e2e47ce930d7ecab0e46a78316054f68c10d0742e87c1cc092324556", FOOLBOX, 305),
    Photo("chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb", SCIKIT_IMAGE),
    Photo("coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7", SCIKIT_IMAGE),
    Photo("rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c", SCIKIT_IMAGE),
    Photo("tower.jpg", "f57f96f7a71f89739d27ae8ffc09f73cd2f17415d16c94d42dcb0d571f4eb0ee", GRADIO),
    Photo("quokka.jpg", "bf1059d0f925e7d0c712cadf07a04ba4cfc98957d7be65d3a7d8ae0c464cd76e", IMGAUG),
    Photo("macaca_nigra_self-portrait.jpg", "7d091cf79ef8be1f36b70ee0e601f168dc95e654956f627231dde2861e1c3f5b", PLENOPTIC),
    Photo("flower.jpg", "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638", SCIKIT_LEARN),
)

TAUGHT = (
    Photo("astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5", SCIKIT_IMAGE),
    Photo("camera.png", "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a", SCIKIT_IMAGE),
    Photo("coins.png", "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba", SCIKIT_IMAGE),
    Photo("motorcycle_left.png", "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179", SCIKIT_IMAGE),
    Photo("motorcycle_right.png", "5fc913ae870e42a4b662314bc904d1786bcad8e2f0b9b67dba5a229406357797", SCIKIT_IMAGE),
    Photo("clock_motion.png", "f029226b28b642e80113d86622e9b215ee067a0966feaf5e60604a1e05733955", SCIKIT_IMAGE),
    Photo("grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89", SCIKIT_IMAGE),
    Photo("gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12", SCIKIT_IMAGE),
    Photo("brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf", SCIKIT_IMAGE),
    Photo("moon.png", "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577", SCIKIT_IMAGE),
    Photo("ihc.png", "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef", SCIKIT_IMAGE),
    Photo("page.png", "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3", SCIKIT_IMAGE),
    Photo("retina.jpg", "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6", SCIKIT_IMAGE),
    Photo("hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4", SCIKIT_IMAGE),
    Photo("cheetah.jpg", "29b0090f5ec471dad0264abc20ecc3c80a0133a63a03d11df920e39a093fe6c8", GRADIO),
    Photo("cheetah1.jpg", "35550bfbba996e59c242af00f6a14a9c0d055dfbc52ad069a1a4e8c1c39ca095", GRADIO),
    Photo("lion.jpg", "4c45ece00075f152cb2e6cfd5f1dfd7dc8e83042264685b4f470026240eff3ef", GRADIO),
    Photo("groot.jpeg", "fff4d05d30088da0f073ae4ab21d22d11cbd56cfab711f3c359faabbf8577076", GRADIO),
    Photo("cheetah2.jpg", "6882e714aa43d60a429f704a5ddd3af4b3708f89701b3bcc9626121349853795", GRADIO_TESTS),
    Photo("parrot.png", "bda44895f686a704276363c717e6c2950b57c31f58ceb6d5422d8476231facb7", PLENOPTIC),
    Photo("china.jpg", "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29", SCIKIT_LEARN),
)
"""None of them, and no photo of the same scene, is among those that examine."""


def ten_views(photo: Image.Image) -> Iterator[Image.Image]:
    """The four corners and the centre, and the same mirrored."""
    side = int(CORNER * min(photo.size))
    right, lower = photo.width - side, photo.height - side
    for left, upper in ((0, 0), (right, 0), (0, lower), (right, lower), (right // 2, lower // 2)):
        view = photo.crop((left, upper, left + side, upper + side))
        yield view
        yield view.transpose(Transpose.FLIP_LEFT_RIGHT)


def drawn_views(photo: Image.Image, count: int, random: np.random.Generator) -> Iterator[Image.Image]:
    """Views of random size, shape and place, every other one mirrored."""
    for number in range(count):
        area, shape = random.uniform(SMALLEST_AREA, 1) * photo.width * photo.height, np.exp(random.uniform(*np.log(SHAPES)))
        width, height = min(photo.width, round((area * shape) ** 0.5)), min(photo.height, round((area / shape) ** 0.5))
        left, upper = (int(random.integers(rest + 1)) for rest in (photo.width - width, photo.height - height))
        view = photo.crop((left, upper, left + width, upper + height))
        yield view.transpose(Transpose.FLIP_LEFT_RIGHT) if number % 2 else view
