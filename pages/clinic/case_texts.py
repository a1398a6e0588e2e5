"""The texts of the cases: titles, situations, possible causes, and explanations."""

from pages.components.text import _


def titles() -> dict[str, str]:
    """Return the titles of the cases, keyed by case name. A title is a symptom. It does not tell the cause."""
    return {
        "loss_stays_high": _("The loss stays high"),
        "loss_rises_again": _("The loss falls, then rises again"),
        "accuracy_differs_each_time": _("The accuracy differs each time"),
        "gap_opens_after_one_epoch": _("A gap opens after one epoch"),
        "fit_is_a_flat_line": _("The fit is a flat line"),
        "accuracy_stays_at_ten_percent": _("The accuracy stays at 10%"),
        "loss_falls_but_accuracy_does_not": _("The loss falls, the accuracy does not rise"),
        "test_accuracy_stays_low": _("The test accuracy stays low"),
        "loss_comes_in_waves": _("The loss comes in waves"),
        "fit_is_cut_off": _("The fit is cut off"),
        "deep_network_does_not_learn": _("A deep network does not learn"),
        "old_task_gets_worse": _("The old task gets worse"),
        "learning_is_slow": _("Learning is slow"),
        "users_see_more_errors": _("Users see more errors"),
        "own_digits_are_misread": _("Own digits are misclassified"),
    }


def situations() -> dict[str, str]:
    """Return two sentences about each program and its symptom, keyed by case name."""
    return {
        "loss_stays_high": _(
            "A network classifies handwritten digits. After 10 epochs, its loss is still near 2, and many predictions "
            "are wrong."
        ),
        "loss_rises_again": _(
            "A network classifies handwritten digits. It learns quickly in the first epoch, but then its loss rises "
            "and its accuracy falls."
        ),
        "accuracy_differs_each_time": _(
            "A convolutional network is tested with one image at a time. The same network gives different predictions "
            "for the same image, and its accuracy is too low."
        ),
        "gap_opens_after_one_epoch": _(
            "Volunteers labeled the training images, and 3 of 10 labels are random. After the first epoch, the "
            "training accuracy rises, but the test accuracy falls."
        ),
        "fit_is_a_flat_line": _(
            "A network should fit a curve to points. Its loss hardly falls, and it predicts nearly the same value for "
            "every input."
        ),
        "accuracy_stays_at_ten_percent": _(
            "A network classifies handwritten digits. Its accuracy stays at 10%, which is the accuracy of guessing."
        ),
        "loss_falls_but_accuracy_does_not": _(
            "A convolutional network trains well: its loss falls as it should. But its measured accuracy stays near "
            "10%, even on the training images."
        ),
        "test_accuracy_stays_low": _(
            "A network classifies handwritten digits. Its training accuracy rises to 80%, but its test accuracy stays "
            "near 10%."
        ),
        "loss_comes_in_waves": _(
            "The training images are in 10 folders, one for each digit. The loss rises and falls several times in "
            "each epoch, and the accuracy is too low."
        ),
        "fit_is_cut_off": _(
            "A network should fit a curve to points. The fit follows the points only in a part of their range."
        ),
        "deep_network_does_not_learn": _(
            "A network with 6 layers classifies handwritten digits. Its loss stays at 2.3, although a network with 2 "
            "layers learns these digits easily."
        ),
        "old_task_gets_worse": _(
            "A network that classifies digits gets a second head for clothes. Only the new head should be trained, but "
            "the accuracy on the digits falls."
        ),
        "learning_is_slow": _(
            "A network classifies handwritten digits. It learns, but after 10 epochs only half of its predictions are "
            "correct."
        ),
        "users_see_more_errors": _(
            "The test accuracy of this network is 98%. But users report many more errors on their own digits."
        ),
        "own_digits_are_misread": _(
            "A network classifies 90% of MNIST's test digits correctly. It misclassifies nearly all photos of digits "
            "on paper."
        ),
    }


def causes() -> dict[str, str]:
    """Return the text of each possible cause, keyed by the name of the mistake."""
    return {
        "backbone_not_frozen": _("The weights of the backbone are trained, too."),
        "broadcasting": _("The outputs and the targets have different shapes."),
        "detached_features": _("The features are detached, so the hidden layers get no gradients."),
        "initialization_too_large": _("The initial weights are much too large."),
        "initialization_too_small": _("The initial weights are much too small."),
        "initialization_zero": _("All initial weights are zero."),
        "learning_rate_too_large": _("The learning rate is much too large."),
        "learning_rate_too_small": _("The learning rate is much too small."),
        "loss_without_graph": _("The loss is not connected to the network, so no layer gets gradients."),
        "moving_statistics": _("The statistics of batch norm change during training."),
        "new_images_inverted": _("The users' images are inverted."),
        "no_eval": _("The network is tested in training mode."),
        "no_train": _("The network is trained in evaluation mode."),
        "no_zero_grad": _("The gradients of earlier batches are not cleared."),
        "not_centered": _("The digits are not centered and scaled as in MNIST."),
        "not_inverted": _("The photos are dark on light, but MNIST is light on dark."),
        "old_head_trained": _("The old head is trained on the new task."),
        "paper_kept": _("The gray of the paper is not removed."),
        "parameters_missing": _("The optimizer does not update all layers."),
        "pixels_not_scaled": _("The pixels range from 0 to 255 instead of 0 to 1."),
        "relu_output": _("A ReLU after the last layer limits the outputs."),
        "sigmoid_output": _("A sigmoid after the last layer limits the outputs."),
        "softmax_in_model": _("Softmax is applied twice: in the model and in the loss."),
        "sorted_batches": _("The training images are not shuffled."),
        "test_in_training": _("The test images are also training images."),
        "test_scaled_differently": _("The images are scaled differently in training and in the test."),
        "wrong_labels": _("The labels do not belong to the inputs."),
    }


def explanations() -> dict[str, str]:
    """Return the explanation of each case after it is solved, keyed by case name."""
    return {
        "loss_stays_high": _(
            "nn.CrossEntropyLoss expects logits, because it contains log-softmax. With a softmax in the model, the "
            "loss gets numbers between 0 and 1. So it cannot fall below 1.46, even if all predictions are correct, and "
            "its gradients are small. The test with one batch shows this: the loss stays far above 0. A sigmoid or "
            "a ReLU in this place limits the logits, too."
        ),
        "loss_rises_again": _(
            "PyTorch adds new gradients to those that are already stored. Without optimizer.zero_grad(), each update "
            "uses the sum of the gradients of all earlier batches. In the first epoch, this resembles momentum, and "
            "the loss falls quickly. Then the sum grows, and the updates become too large. The test of the gradients "
            "shows this: the updates are large, and they do not become smaller when the loss is small."
        ),
        "accuracy_differs_each_time": _(
            "Without model.eval(), dropout also sets activations to 0 in the test, at random. Batch norm uses the "
            "mean and the variance of the batch, here of a single image, and changes its running statistics. So the "
            "predictions change each time. torch.no_grad() does not help: it only turns gradients off. The test of the "
            "activations shows zeros in the test, and how many predictions change."
        ),
        "gap_opens_after_one_epoch": _(
            "model.eval() is called in the test, and stays in effect until model.train() is called. So dropout is "
            "active only in the first epoch. Without dropout, the network memorizes the random labels: its training "
            "accuracy rises, and its test accuracy falls. The test of the activations shows it: dropout should set 8 "
            "of 10 activations to 0 in training, but there are far fewer zeros."
        ),
        "fit_is_a_flat_line": _(
            "The outputs have the shape (32, 1), and the targets have the shape (32,). Broadcasting makes their "
            "difference a matrix of shape (32, 32), so each output is compared with all targets. The best answer is "
            "then the mean of the targets. The test of the shapes shows it: the loss is a mean of 1,024 values instead "
            "of 32. nn.MSELoss prints a warning in this case, but the minus sign does not."
        ),
        "accuracy_stays_at_ten_percent": _(
            "The first updates were so large that they changed the weights completely. Now the inputs of nearly all "
            "ReLUs are negative, so their outputs and gradients are 0. The network predicts the same class for every "
            "image. The test of the gradients shows it: the gradients exist in the first updates, and then they "
            "vanish. Ratios of updates to weights near 0.001 are typical."
        ),
        "loss_falls_but_accuracy_does_not": _(
            "The images already range from 0 to 1, but the test divides them by 255 again. The network gets nearly "
            "black images in the test, and predicts the same class for all of them. The loss is computed from correct "
            "inputs, so it falls. A look at the batch shows it: the inputs in the test have another mean, and nearly "
            "no variation."
        ),
        "test_accuracy_stays_low": _(
            "The images are chosen at random, but the labels are the first 1,000 of the dataset. So each image has the "
            "label of another image. A network can memorize even random labels, but it learns nothing about digits. A "
            "look at the batch shows it: the labels do not match the images. With permuted labels, the network reaches "
            "the same training accuracy, so there was nothing to learn from the images."
        ),
        "loss_comes_in_waves": _(
            "The images come in the order of the folders, and the data loader does not shuffle them. Each batch "
            "contains one class, so the network learns to predict this class and forgets the others. The loss falls "
            "while a class lasts, and jumps at the next class. A look at the batch shows it: all its labels are equal. "
            "shuffle=False is the default of DataLoader."
        ),
        "fit_is_cut_off": _(
            "A sigmoid returns numbers between 0 and 1, but the targets range from -2 to 2. The network can only fit "
            "the part between 0 and 1, and saturates everywhere else. A ReLU would cut off only the negative part. The "
            "test of the initial loss shows the outputs before training: all of them are between 0 and 1. In a "
            "regression, the last layer needs no activation function."
        ),
        "deep_network_does_not_learn": _(
            "With weights of standard deviation 0.01, each layer makes the activations more than 10 times smaller. "
            "The last layer gets nearly nothing, and the gradients shrink in the same way on their way back. Kaiming "
            "initialization chooses the standard deviation so that the activations keep their size. The test of the "
            "gradients shows it: they are not 0, as with zero weights, but far too small."
        ),
        "old_task_gets_worse": _(
            "requires_grad_(False) freezes only parameters. The running mean and variance of batch norm are buffers: "
            "in training mode, they follow the images of clothes. The old head then gets features that are scaled for "
            "other images. The test of the gradients shows it: no weight of the backbone changes, but its running "
            "statistics do. backbone.eval() freezes them, too."
        ),
        "learning_is_slow": _(
            "The optimizer got the parameters of the head only, so the hidden layer keeps its random initial weights. "
            "A head on random features learns something, so the loss falls slowly and no error is reported. The test "
            "of the gradients shows it: the hidden layer has gradients, but its updates are 0. If its features were "
            "detached, it would have no gradients at all."
        ),
        "users_see_more_errors": _(
            "The 500 test images are also training images, so the test measures what the network has memorized. The "
            "network is not worse than the correct one: only its test accuracy is wrong. A look at the data shows it: "
            "all test images are in the training set. The accuracy on new images is the honest one."
        ),
        "own_digits_are_misread": _(
            "MNIST's digits are light on a dark background, but ink on paper is dark on light. Without the inversion, "
            "the next steps remove the ink together with the paper. A look at the batch shows it: the network gets "
            "black images. Each of the three steps is needed: inverting, removing the gray of the paper, and centering "
            "the digit as in MNIST."
        ),
    }


def preprocessing_steps() -> dict[str, str]:
    """Return the labels of the steps that prepare photos of digits, keyed by step name."""
    return {
        "invert": _("Invert"),
        "remove_paper": _("Remove the gray of the paper"),
        "center": _("Center and scale as in MNIST"),
    }
