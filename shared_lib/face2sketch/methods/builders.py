"""From an entry of the register to its network: one small function each, which imports a framework only when called.

A builder takes the padded shape (height, width, 3) and the build options that `face2sketch.fit` was given.
"""


def dense(shape, widths, **options):
    from ..models.dense import dense_autoencoder

    return dense_autoencoder(shape, widths, **options)


def huang_dae(shape, **options):
    return dense(shape, (128, 64, 32, 64, 128), **options)


def skubisz_sparse(shape, **options):
    return dense(shape, (512, 256, 128, 64, 128, 256, 512), **{"code_l1": 1e-5, **options})


def venkatesh_deep(shape, **options):
    from ..models.dense import venkatesh_widths

    return dense(shape, venkatesh_widths(256), **options)


def priovolos_dense(shape, **options):
    from ..models.dense import priovolos_widths

    return dense(shape, priovolos_widths(), **options)


def skubisz_conv(shape, **options):
    from ..models.conv import strided_autoencoder

    return strided_autoencoder(shape, **options)


def venkatesh_conv(shape, **options):
    from ..models.conv import venkatesh_conv

    return venkatesh_conv(shape, **options)


def venkatesh_conv_bn(shape, **options):
    return venkatesh_conv(shape, batch_norm=True, **options)


def priovolos_conv(shape, **options):
    from ..models.priovolos import unpadded_autoencoder

    return unpadded_autoencoder(shape, **options)


def priovolos_mixed(shape, **options):
    from ..models.priovolos import mixed_autoencoder

    return mixed_autoencoder(shape, **options)


def huang_vae(shape, **options):
    from ..models.variational import dense_vae

    return dense_vae(shape, **{"as_published": True, **options})


def huang_vae_sound(shape, **options):
    from ..models.variational import dense_vae

    return dense_vae(shape, **options)


def venkatesh_vae(shape, **options):
    from ..models.dense import venkatesh_widths
    from ..models.variational import dense_vae

    widths = venkatesh_widths(256)
    code = len(widths) // 2
    return dense_vae(shape, **{"hidden": widths[:code], "latent": widths[code], **options})


def conditional_vae(shape, **options):
    from ..models.variational import conditional_vae

    return conditional_vae(shape, **options)


def huang_casq(shape, **options):
    from ..models.casq import casq

    return casq(shape, **{"attention": "rows", "quantiser": "fixed", **options})


def huang_casq_corrected(shape, **options):
    from ..models.casq import casq

    return casq(shape, **options)


def skubisz_transfer(shape, **options):
    from ..models.transfer import transfer_autoencoder

    return transfer_autoencoder(shape, **options)


def faces_transfer(shape, **options):
    from ..models.transfer import transfer_autoencoder

    return transfer_autoencoder(shape, **{"encoder": "small", **options})


def pix2pix(shape, **options):
    from ..models.pix2pix import pix2pix

    return pix2pix(shape, **options)


def pix2pix_size(size, depth=None, **options):
    """The next size that the U-Net can halve `depth` times, down to whole pixels."""
    from ..models.pix2pix import depth_for

    step = 2 ** (depth or depth_for(*size))
    return tuple(-(-side // step) * step for side in size)


def msg_sarl(shape, **options):
    from ..models.msg_sarl import msg_sarl

    return msg_sarl(shape, **options)


def cyclegan(shape, **options):
    from ..models.cyclegan import cyclegan

    return cyclegan(shape, **options)


def fcn(shape, **options):
    from ..models.fcn import fully_convolutional

    return fully_convolutional(shape, **options)


def refiner(shape, **options):
    from ..models.refiner import refiner

    return refiner(shape, **options)


def refiner_size(size, levels=4, **options):
    """The next size that the refiner can halve `levels` times, the folding at its entrance included."""
    return tuple(-(-side // 2**levels) * 2**levels for side in size)
