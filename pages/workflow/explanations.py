"""What each line of the program does, in one or two sentences."""

from pages.components.text import _


def explanations() -> dict[str, str]:
    """Return the explanation of each line, keyed by the role of the line (see `core.topics.workflow.trace`)."""
    return {
        "import_torch": _("PyTorch: tensors, automatic differentiation, and optimizers."),
        "import_nn": _("nn contains layers, loss functions, and the class Module, the base class of all networks."),
        "import_data": _("A DataLoader makes batches from a dataset. A Subset is a part of a dataset."),
        "import_torchvision": _("torchvision contains datasets of images, and functions that draw images."),
        "import_transforms": _("Transforms prepare images. v2 is the current version of torchvision's transforms."),
        "seed": _("With the same seed, PyTorch draws the same random numbers in every run."),
        "seed_again": _(
            "The same seed again: the network gets the same initial weights, however many random numbers the data have "
            "used."
        ),
        "to_tensor": _(
            "The dataset contains PIL images with integers from 0 to 255. This transform makes a tensor with numbers "
            "from 0 to 1."
        ),
        "transform": _(
            "Compose applies transforms one after another. Normalize subtracts the mean 0.1307 of MNIST's training "
            "digits and divides by their standard deviation 0.3081. If the noise level is above 0, GaussianNoise adds "
            "noise to all digits, also to the test digits."
        ),
        "train_data": _(
            "For a Dataset, len(data) is the number of samples, and data[i] is sample i: an image and its label. The "
            "transform runs when the sample is read."
        ),
        "test_data": _("Other digits, by other writers. The network never trains on them."),
        "train_loader": _(
            "A DataLoader collects samples in batches. With shuffle=True, it draws a new random order in each epoch."
        ),
        "test_loader": _("The test digits in one batch. Their order does not matter, so they are not shuffled."),
        "batch": _(
            "iter() starts an epoch, and next() takes its first batch. A tensor of images has the shape (batch, "
            "channels, height, width)."
        ),
        "grid": _(
            "make_grid joins the images of a batch into one image with three channels. normalize=True scales its "
            "values to 0..1, so that it can be shown."
        ),
        "network": _("A network is a class with the base class nn.Module. This line runs no computation."),
        "init": _("__init__ creates the layers. It runs when the program calls Network()."),
        "super": _(
            "nn.Module prepares to register layers and their parameters. Without this line, PyTorch raises an error."
        ),
        "conv": _(
            "A layer that is an attribute of the module is registered: the network now knows its parameters. This "
            "layer has 8 filters of 3 × 3 pixels, with random initial weights."
        ),
        "fc": _("A fully connected layer. Its input size has to equal the number of values after flattening: 1,568."),
        "forward": _("forward computes the outputs of the layers. It runs when the program calls model(images)."),
        "relu": _("Each filter computes a feature map, half as wide and half as high. ReLU sets negative values to 0."),
        "logits": _("flatten makes one row of each sample. The last layer computes ten outputs, one for each digit."),
        "model": _("Calling the class creates the network. These are its parameters, all of them random numbers."),
        "print_model": _("The printed text lists the registered layers."),
        "loss_function": _(
            "The cross-entropy measures how wrong the outputs are. It includes the softmax, so the network has none."
        ),
        "optimizer": _("The optimizer knows the parameters of the network, and the learning rate lr."),
        "losses": _("A list for the losses of all updates."),
        "epochs": _("An epoch is one pass through the training set."),
        "train_mode": _("Training mode. It matters for layers such as dropout and batch normalization."),
        "batches": _("The loop takes one batch after another. This is its first batch."),
        "zero_grad": _("PyTorch adds gradients to those that are already there. This line clears them."),
        "outputs": _(
            "The forward pass, for all images of the batch. PyTorch records each operation in the computational graph, "
            "which the tab below draws."
        ),
        "loss": _("The loss is one number: the mean of −log(probability of the correct digit)."),
        "backward": _(
            "The backward pass computes the gradient of the loss with respect to each parameter, and stores it in "
            ".grad. Then PyTorch frees the saved tensors of the graph."
        ),
        "step": _("The optimizer updates each parameter: it subtracts the learning rate times the gradient."),
        "append": _("item() makes a Python number of the tensor, so the list does not keep the graph."),
        "eval_mode": _("Evaluation mode. This network has no layer that changes, but other networks do."),
        "no_grad": _("In this block, PyTorch records no graph. This saves time and memory."),
        "correct": _("The prediction is the digit with the largest output. The sum counts the correct predictions."),
        "print_accuracy": _("The accuracy after one update of the network."),
        "save": _("A state dict maps names to tensors. The file contains only the state dict, not the class Network."),
        "restored": _(
            "A new network, in evaluation mode. It has other random weights, so its outputs differ from those of the "
            "model."
        ),
        "load": _("weights_only=True reads only tensors and other plain data: the file cannot run code."),
        "compare": _("The proof: both networks compute identical outputs."),
    }
